"""What is drawn on a page besides text: pictures, rulings, invisible type."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MAX_OBJECTS = 20_000
_MAX_DEPTH = 3
_THIN, _LONG, _TALL = 3.0, 30.0, 8.0  # points


@dataclass(slots=True)
class Drawn:
    """`picture` is the share of the page under its largest picture."""

    pictures: int = 0
    picture: float = 0.0
    invisible: bool = False
    across: int = 0
    down: int = 0
    boxes: int = 0
    objects: int = 0

    @property
    def ruled(self) -> bool:
        """Whether the rulings can make a table: some lines both ways, or several boxes."""
        return (self.across >= 2 and self.down >= 2) or self.boxes >= 4


def look(page: Any) -> Drawn:
    """One pass over the page's objects."""
    import pypdfium2.raw as raw

    width, height = page.get_size()
    drawn = Drawn()
    for handle, kind in _objects(page.raw):
        drawn.objects += 1
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            drawn.invisible = drawn.invisible or raw.FPDFTextObj_GetTextRenderMode(handle) == 3
            continue
        if kind not in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH):
            continue
        size = _size(handle)
        if size is None:
            continue
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            drawn.pictures += 1
            drawn.picture = max(drawn.picture, size[0] * size[1] / max(1.0, width * height))
        else:
            _count(drawn, *size)
    return drawn


def _count(drawn: Drawn, width: float, height: float) -> None:
    if height <= _THIN and width >= _LONG:
        drawn.across += 1
    elif width <= _THIN and height >= _TALL:
        drawn.down += 1
    elif width >= _LONG / 2 and height >= _TALL:
        drawn.boxes += 1


def _objects(page: Any) -> Iterator[tuple[Any, int]]:
    import pypdfium2.raw as raw

    seen = 0
    stack = [
        (raw.FPDFPage_GetObject(page, index), 0)
        for index in range(min(raw.FPDFPage_CountObjects(page), _MAX_OBJECTS))
    ]
    stack.reverse()
    while stack and seen < _MAX_OBJECTS:
        handle, depth = stack.pop()
        seen += 1
        kind = raw.FPDFPageObj_GetType(handle)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            inner = min(raw.FPDFFormObj_CountObjects(handle), _MAX_OBJECTS)
            stack.extend((raw.FPDFFormObj_GetObject(handle, index), depth + 1) for index in range(inner))
        else:
            yield handle, kind


def _size(handle: Any) -> tuple[float, float] | None:
    import pypdfium2.raw as raw

    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(handle, left, bottom, right, top):
        return None
    return right.value - left.value, top.value - bottom.value
