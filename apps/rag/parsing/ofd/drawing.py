"""An OFD page as SVG: its text where it stands, its pictures, its lines; the reader's own fonts draw it.

Nothing is run and nothing fetched: text is escaped, pictures are data, and only numbers become paths."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from apps.rag.errors import ParseError
from apps.rag.parsing.ofd.body import Body
from apps.rag.parsing.ofd.objects import DESCENT, Origin, Picture, look, objects
from apps.rag.parsing.ofd.package import POINTS, Package, child, children, numbers, resolve, text
from apps.rag.parsing.pdf.lines import Line
from apps.rag.parsing.xmlsafe import local

MOST_BYTES = 20_000_000  # of one page with its pictures
_STEPS = {
    "S": ("M", 2),
    "M": ("M", 2),
    "L": ("L", 2),
    "Q": ("Q", 4),
    "B": ("C", 6),
    "A": ("A", 7),
    "C": ("Z", 0),
}
_FONTS = "SimSun, Songti SC, Noto Serif CJK SC, serif"
_HAIRLINE = 0.353  # millimetres, where the file does not say


def draw_page(path: Path, number: int) -> bytes:
    """The page (from 1) in points. Raises ParseError: corrupt, too_large, "unsupported" for a page that is
    not there."""
    package = Package(path)
    try:
        body, name = _find(package, number)
        page = package.xml(name)
        box = body.box(page)
        layers = [*body.templates(page), page]
        shown = [part for layer in layers for part in _layer(body, layer, box[:2])]
    finally:
        package.close()
    wide, high = round(box[2] * POINTS, 2), round(box[3] * POINTS, 2)
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"'
        f' font-family="{_FONTS}"><rect width="100%" height="100%" fill="#fff"/>{"".join(shown)}</svg>'
    ).encode()
    if len(drawn) > MOST_BYTES:
        raise ParseError(f"{len(drawn)} bytes of drawing", code="too_large")
    return drawn


def sheet_size(path: Path, number: int) -> tuple[float, float]:
    """Width and height in points of a page (from 1). Raises as `draw_page`."""
    package = Package(path)
    try:
        body, name = _find(package, number)
        box = body.box(package.xml(name))
    finally:
        package.close()
    return round(box[2] * POINTS, 2), round(box[3] * POINTS, 2)


def _find(package: Package, number: int) -> tuple[Body, str]:
    names = [
        (body, name)
        for root in children(package.root(), "DocBody")
        for body in [Body(package, resolve("", text(child(root, "DocRoot"))))]
        for name in body.pages()
    ]
    if not 1 <= number <= len(names):
        raise ParseError(f"no page {number}", code="unsupported")
    return names[number - 1]


def _layer(body: Body, page: Any, origin: Origin) -> Iterator[str]:
    lines, pictures = look(page, origin)
    for picture in pictures:
        yield _picture(body, picture)
    for node in objects(child(page, "Content"), "PathObject"):
        yield _path(node, origin)
    yield from map(_text, lines)


def _text(line: Line) -> str:
    """Stretched to the width that the file gives it, whatever font there is."""
    base = line.y1 - DESCENT * line.size
    weight = ' font-weight="700"' if line.bold else ""
    return (
        f'<text x="{line.x0:.2f}" y="{base:.2f}" font-size="{line.size:.2f}"{weight} textLength="{max(1.0, line.x1 - line.x0):.2f}"'
        f' lengthAdjust="spacingAndGlyphs">{escape(line.text)}</text>'
    )


def _picture(body: Body, picture: Picture) -> str:
    x0, y0, x1, y1 = picture.box
    place = f'x="{x0:.2f}" y="{y0:.2f}" width="{max(0.0, x1 - x0):.2f}" height="{max(0.0, y1 - y0):.2f}"'
    name = body.resources().get(picture.resource)
    data = body.package.data(name) if name else b""
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg" if data.startswith(b"\xff\xd8\xff") else ""
    if not kind:  # JBIG2 and the like: browsers cannot show them
        return f'<rect {place} fill="#eee"/>'
    encoded = base64.b64encode(data).decode("ascii")
    return f'<image {place} preserveAspectRatio="none" href="data:image/{kind};base64,{encoded}"/>'


def _path(node: Any, origin: Origin) -> str:
    """A ruled line, a frame, a filled shape."""
    boundary, steps = numbers(node.get("Boundary")), _steps(text(child(node, "AbbreviatedData")))
    if len(boundary) != 4 or not steps:
        return ""
    ctm = numbers(node.get("CTM"))
    a, b, c, d, e, f = ctm if len(ctm) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    x, y = boundary[0] - origin[0] + e, boundary[1] - origin[1] + f
    matrix = " ".join(f"{value * POINTS:.4f}" for value in (a, b, c, d, x, y))
    stroke = "none" if node.get("Stroke") == "false" else _colour(child(node, "StrokeColor"), "#000")
    fill = _colour(child(node, "FillColor"), "#000") if node.get("Fill") == "true" else "none"
    width = (numbers(node.get("LineWidth")) or [_HAIRLINE])[0]
    return f'<path transform="matrix({matrix})" d="{steps}" stroke="{stroke}" fill="{fill}" stroke-width="{width:.3f}"/>'


def _steps(data: str) -> str:
    """OFD's steps in SVG's letters; nothing at all where they make no sense."""
    parts, drawn, at = data.split(), io.StringIO(), 0
    while at < len(parts):
        letter, count = _STEPS.get(parts[at], ("", 0))
        values = numbers(" ".join(parts[at + 1 : at + 1 + count]))
        if not letter or len(values) != count:
            return ""
        drawn.write(f"{letter}{' '.join(f'{value:.3f}' for value in values)} ")
        at += 1 + count
    return drawn.getvalue().strip()


def _colour(node: Any | None, usual: str) -> str:
    values = numbers(node.get("Value")) if node is not None and local(node) else []
    if len(values) == 1:
        values *= 3
    if len(values) != 3:
        return usual
    return "#" + "".join(f"{min(255, max(0, int(value))):02x}" for value in values)
