"""OFD files: pages with their templates as lines with places; pages of one picture are recognised."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.rag.errors import ParseError
from apps.rag.parsing import progress
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import is_cjk, one_line
from apps.rag.parsing.notes import note, ranges
from apps.rag.parsing.ocr import pictures, scan
from apps.rag.parsing.ocr.session import Session, session
from apps.rag.parsing.ofd.body import Body
from apps.rag.parsing.ofd.objects import Picture, look
from apps.rag.parsing.ofd.package import POINTS, Package, child, children, resolve, text
from apps.rag.parsing.pdf.layout import add_pages
from apps.rag.parsing.pdf.lines import Line
from apps.rag.types import ParsedDocument

MAX_PAGES = 2_000
_SCAN = 0.4  # of the page: a larger picture on a page without text is a scan
_MAX_FIELDS = 200
_METADATA = {"Title": "title", "Author": "author", "Subject": "subject", "CreationDate": "created"}


@dataclass(slots=True)
class _Pages:
    lines: list[list[Line]] = field(default_factory=list)
    sizes: list[tuple[float, float]] = field(default_factory=list)
    marks: dict[str, list[int]] = field(default_factory=dict)  # note code → page numbers
    ocr: Session = field(default_factory=session)

    def mark(self, code: str) -> None:
        """Remember something about the page being read."""
        self.marks.setdefault(code, []).append(len(self.lines) + 1)


def parse_ofd(path: Path) -> ParsedDocument:
    """Boxes in points. Raises ParseError: password, zip_bomb, corrupt, no_text, needs_ocr."""
    builder = Builder()
    pages = _Pages()
    package = Package(path)
    try:
        root = package.root()
        bodies = list(children(root, "DocBody"))
        for body in bodies:
            _Reading(Body(package, resolve("", text(child(body, "DocRoot")))), pages, builder).read()
    finally:
        package.close()
    if not pages.lines:
        raise ParseError("the file has no pages", code="corrupt")
    add_pages(builder, pages.lines, pages.sizes, {})
    for body in bodies:
        _add_fields(child(body, "DocInfo"), builder)
    for code, numbers in pages.marks.items():
        builder.warn(note(code, pages=ranges(numbers)))
    return builder.document(
        page_count=len(pages.lines),
        page_sizes=pages.sizes,
        metadata=_metadata(bodies),
        empty_code="no_text",
    )


class _Reading:
    """One document of the file, read page by page."""

    def __init__(self, body: Body, pages: _Pages, builder: Builder) -> None:
        self._body, self._pages, self._builder = body, pages, builder

    def read(self) -> None:
        names = self._body.pages()
        if len(names) > MAX_PAGES:
            self._builder.warn(note("pages_cut", total=len(names), kept=MAX_PAGES))
        for number, name in enumerate(names[:MAX_PAGES], start=1):
            self._page(name)
            progress.step(number, min(len(names), MAX_PAGES))

    def _page(self, name: str) -> None:
        try:
            page = self._body.package.xml(name)
        except ParseError as error:
            if error.code != "corrupt":
                raise
            self._pages.mark("page_failed")
            self._pages.lines.append([])
            self._pages.sizes.append((0.0, 0.0))
            return
        box = self._body.box(page)
        size = (round(box[2] * POINTS, 2), round(box[3] * POINTS, 2))
        lines, shown = look(page, box[:2])
        for template in self._body.templates(page):
            lines += look(template, box[:2])[0]
        if not lines:
            lines = self._recognise(shown, size)
        self._pages.lines.append(lines)
        self._pages.sizes.append(size)

    def _recognise(self, shown: list[Picture], size: tuple[float, float]) -> list[Line]:
        """The lines of the page's largest picture, where that is a scan."""
        largest = max(shown, key=_surface, default=None)
        if largest is None or _surface(largest) < _SCAN * size[0] * size[1]:
            return []
        name = self._body.resources().get(largest.resource)
        if name is None:
            return []
        if not self._pages.ocr.available:
            self._pages.mark("no_text_layer")
            return []
        if not self._pages.ocr.may_read():
            self._pages.mark(self._pages.ocr.unread)
            return []
        try:
            with pictures.opened(io.BytesIO(self._body.package.data(name))) as picture:
                image, _ = pictures.upright(picture)
        except (OSError, ValueError, SyntaxError):
            self._pages.mark("page_failed")
            return []
        self._pages.mark("recognised")
        return _placed(self._pages.ocr, pictures.fitted(image)[0], largest)


def _surface(picture: Picture) -> float:
    x0, y0, x1, y1 = picture.box
    return (x1 - x0) * (y1 - y0)


def _placed(ocr: Session, image: Any, picture: Picture) -> list[Line]:
    """Recognised lines, moved to where the page shows the picture."""
    x0, y0, x1, _ = picture.box
    lines = scan.page_lines(ocr, image, scale=image.width / max(1.0, x1 - x0))
    for line in lines:
        line.x0, line.x1 = line.x0 + x0, line.x1 + x0
        line.y0, line.y1 = line.y0 + y0, line.y1 + y0
    return lines


def _add_fields(info: Any | None, builder: Builder) -> None:
    """The fields that an invoice carries beside its picture (发票号码, 合计金额); those with names in
    Latin letters are the producer's own and say nothing to a reader."""
    listed = child(info, "CustomDatas")
    fields = [] if listed is None else list(children(listed, "CustomData"))[:_MAX_FIELDS]
    found = [(one_line(node.get("Name") or ""), one_line(text(node))) for node in fields]
    lines = [f"{name}：{value}" for name, value in found if value and any(map(is_cjk, name))]
    builder.leave_headings()
    builder.add("list", "\n".join(lines))


def _metadata(bodies: list[Any]) -> dict[str, str]:
    info = child(bodies[0], "DocInfo") if bodies else None
    if info is None:
        return {}
    return {key: one_line(text(child(info, name)))[:500] for name, key in _METADATA.items()}
