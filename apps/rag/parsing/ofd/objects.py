"""The objects of a page: runs of text with their places, pictures with theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from apps.rag.parsing.clean import clean, is_cjk
from apps.rag.parsing.ofd.package import POINTS, child, children, numbers
from apps.rag.parsing.pdf.lines import Line
from apps.rag.parsing.xmlsafe import local

_ASCENT, DESCENT = 0.88, 0.12  # of the type size, around the baseline
_NARROW = 0.5  # of the type size: a letter's width where the file does not say
_MAX_OBJECTS = 50_000  # a page
_MAX_DEPTH = 10
_MAX_RUN = 20_000  # characters
_BOLD = 600
Origin = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Picture:
    """A resource's id and its box in points."""

    resource: str
    box: tuple[float, float, float, float]


def look(page: Any, origin: Origin) -> tuple[list[Line], list[Picture]]:
    """The lines and pictures of a page or template; `origin` is the page's corner in millimetres."""
    lines: list[Line] = []
    pictures: list[Picture] = []
    for node in objects(child(page, "Content"), "TextObject", "ImageObject"):
        if local(node) == "TextObject":
            lines += _lines(node, origin)
        else:
            box = numbers(node.get("Boundary"))
            if len(box) == 4:
                left, top = (box[0] - origin[0]) * POINTS, (box[1] - origin[1]) * POINTS
                right, bottom = left + box[2] * POINTS, top + box[3] * POINTS
                pictures.append(Picture(node.get("ResourceID") or "", (left, top, right, bottom)))
    return lines, pictures


def objects(content: Any | None, *names: str) -> Iterator[Any]:
    """The visible objects of these names, in the order they are drawn."""
    return islice(_objects(content, names, depth=0), _MAX_OBJECTS)


def _objects(node: Any | None, names: tuple[str, ...], *, depth: int) -> Iterator[Any]:
    if node is None or depth > _MAX_DEPTH:
        return
    for item in node:
        name = local(item)
        if name in names and item.get("Visible") != "false":
            yield item
        elif name in ("Layer", "PageBlock"):
            yield from _objects(item, names, depth=depth + 1)


def _lines(node: Any, origin: Origin) -> Iterator[Line]:
    boundary = numbers(node.get("Boundary"))
    size = (numbers(node.get("Size")) or [0.0])[0]
    if len(boundary) != 4 or size <= 0:
        return
    ctm = numbers(node.get("CTM"))
    a, b, c, d, e, f = ctm if len(ctm) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    left, top = boundary[0] - origin[0], boundary[1] - origin[1]
    bold = (numbers(node.get("Weight")) or [0.0])[0] >= _BOLD
    x = y = 0.0
    for code in children(node, "TextCode"):
        x, y = (numbers(code.get("X")) or [x])[0], (numbers(code.get("Y")) or [y])[0]
        run = clean("".join(code.itertext()))[:_MAX_RUN]
        if not run.strip():
            continue
        across, down = _extent(run, code, size)
        if down > across:  # set from top to bottom: only its first character tells its row
            across, down = size, 0.0
        corners = [
            (left + a * px + c * py + e, top + b * px + d * py + f)
            for px in (x, x + across)
            for py in (y - _ASCENT * size, y + down + DESCENT * size)
        ]
        xs, ys = [px * POINTS for px, _ in corners], [py * POINTS for _, py in corners]
        height = max(1.0, size * (c * c + d * d) ** 0.5 * POINTS)
        yield Line(" ".join(run.split()), min(xs), min(ys), max(xs), max(ys), round(height, 1), bold)


def _extent(run: str, code: Any, size: float) -> tuple[float, float]:
    """How far a run reaches to the right and down, in the object's millimetres."""
    steps = deltas(code.get("DeltaX"), len(run) - 1)
    across = sum(steps) + (size if is_cjk(run[-1]) else size * _NARROW)
    down = sum(deltas(code.get("DeltaY"), len(run) - 1))
    if not steps and not down:
        across = sum(size if is_cjk(char) else size * _NARROW for char in run)
    return max(across, size * _NARROW), down


def deltas(value: str | None, limit: int) -> list[float]:
    """Steps between characters; "g 3 2.5" stands for three steps of 2.5."""
    found: list[float] = []
    parts = (value or "").split()
    index = 0
    try:
        while index < len(parts) and len(found) < limit:
            if parts[index] == "g":
                found += [float(parts[index + 2])] * min(int(parts[index + 1]), limit - len(found))
                index += 3
            else:
                found.append(float(parts[index]))
                index += 1
    except (ValueError, IndexError):
        return found
    return found
