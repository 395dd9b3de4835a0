"""Reads a page's characters into lines with boxes: points, origin top left, rotation undone."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import Any

from apps.rag.parsing.clean import clean, is_cjk

_HYPHENS = frozenset((0x02, 0xFFFE, 0xAD))  # what pdfium gives for a hyphen at the end of a line
_BREAKS = frozenset((0x0A, 0x0D))
_INVISIBLE_MODE = 3
_MAX_CHARACTERS = 200_000  # a page
_GAP = 2.2  # of the font size: a wider hole parts columns or cells
_WORD_GAP = 0.25
_BOLD = 600


@dataclass(slots=True)
class Line:
    """A run of text on one line of one column. `size` is the height of the type in points."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool = False

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True, slots=True)
class Matrix:
    """From PDF user space to points with the origin top left of the page as shown."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        xs = (self.a * left + self.c * bottom + self.e, self.a * right + self.c * top + self.e)
        ys = (self.b * left + self.d * bottom + self.f, self.b * right + self.d * top + self.f)
        return min(xs), min(ys), max(xs), max(ys)

    def inverse_box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """Left, bottom, right, top in user space."""
        det = self.a * self.d - self.b * self.c
        corners = []
        for x, y in ((x0, y0), (x1, y1)):
            dx, dy = x - self.e, y - self.f
            corners.append(((self.d * dx - self.c * dy) / det, (self.a * dy - self.b * dx) / det))
        (ax, ay), (bx, by) = corners
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def page_matrix(page: Any) -> Matrix:
    """Asks pdfium where three points come to lie, which settles rotation and crop box at once."""
    import pypdfium2.raw as raw

    width, height = page.get_size()
    scale, reach = 100, 1000.0
    x, y = ctypes.c_int(), ctypes.c_int()

    def place(px: float, py: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page.raw, 0, 0, round(width * scale), round(height * scale), 0, px, py, x, y)
        return x.value / scale, y.value / scale

    (ox, oy), (rx, ry), (ux, uy) = place(0, 0), place(reach, 0), place(0, reach)
    return Matrix((rx - ox) / reach, (ry - oy) / reach, (ux - ox) / reach, (uy - oy) / reach, ox, oy)


def read_lines(page: Any, text_page: Any, *, skip_invisible: bool) -> list[Line]:
    """The lines of a page in the order the file draws them."""
    matrix = page_matrix(page)
    upright = abs(matrix.b) < 0.01 and _mostly_upright(text_page)
    collector = _Collector(text_page.raw, upright=upright)
    _characters(text_page.raw, matrix, collector, skip_invisible=skip_invisible)
    collector.end()
    return collector.lines


def _characters(handle: Any, matrix: Matrix, collector: _Collector, *, skip_invisible: bool) -> None:
    """Send each character with its box on. A page has thousands, so nothing is made for a single one."""
    import pypdfium2.raw as raw

    unicode_of, box_of, add = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox, collector.add
    rect = raw.FS_RECTF()
    # One turn of the page needs two factors only: the common case, done here without a call.
    across, down, straight = matrix.a, matrix.d, matrix.b == 0 == matrix.c and matrix.a > 0 > matrix.d
    high = 0
    for index in range(min(raw.FPDFText_CountChars(handle), _MAX_CHARACTERS)):
        code = unicode_of(handle, index)
        if code in _BREAKS:
            collector.end()
            continue
        if 0xD800 <= code < 0xE000:
            if code < 0xDC00:  # half of a character beyond the basic plane
                high = code
                continue
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
        high = 0
        if code == 0 or (skip_invisible and _is_invisible(handle, index)):
            continue
        if not box_of(handle, index, rect):
            continue
        text = "-" if code in _HYPHENS else chr(code)
        if straight:
            x0, x1 = across * rect.left + matrix.e, across * rect.right + matrix.e
            y0, y1 = down * rect.top + matrix.f, down * rect.bottom + matrix.f
            add(text, x0 if x0 < x1 else x1, y0 if y0 < y1 else y1, x1 if x0 < x1 else x0, y1 if y0 < y1 else y0, index)  # fmt: skip
        else:
            add(text, *matrix.box(rect.left, rect.bottom, rect.right, rect.top), index)


def _is_invisible(handle: Any, index: int) -> bool:
    import pypdfium2.raw as raw

    owner = raw.FPDFText_GetTextObject(handle, index)
    return bool(owner and raw.FPDFTextObj_GetTextRenderMode(owner) == _INVISIBLE_MODE)


class _Collector:
    """Cuts the stream of characters where the line, the column or the type changes."""

    def __init__(self, page: Any, *, upright: bool) -> None:
        self._page, self._upright = page, upright
        self.lines: list[Line] = []
        self._clear()

    def _clear(self) -> None:
        self._texts: list[str] = []
        self._solid: list[int] = []  # numbers of the characters that are not blank
        self._heights: list[float] = []
        self._x0 = self._y0 = math.inf
        self._x1 = self._y1 = -math.inf
        self._last_x1 = self._last_sum = 0.0  # of the last character: its right side, twice its middle

    def add(self, text: str, x0: float, y0: float, x1: float, y1: float, index: int) -> None:
        if text.isspace():
            if self._texts:
                self._texts.append(" ")
            return
        if self._solid:
            gap = x0 - self._last_x1
            height = max(self._heights[-1], y1 - y0, 1.0)
            apart = abs((y0 + y1) - self._last_sum) / 2 > 0.6 * height
            if apart or gap > _GAP * height or gap < -3 * height:
                self.end()
            elif gap > _WORD_GAP * height and self._texts[-1] != " " and not is_cjk(text):
                self._texts.append(" ")
        self._texts.append(text)
        self._solid.append(index)
        self._heights.append(y1 - y0)
        self._last_x1, self._last_sum = x1, y0 + y1
        if x0 < self._x0:
            self._x0 = x0
        if y0 < self._y0:
            self._y0 = y0
        if x1 > self._x1:
            self._x1 = x1
        if y1 > self._y1:
            self._y1 = y1

    def end(self) -> None:
        """Close the line that is open."""
        if self._solid:
            self._close()
        self._clear()

    def _close(self) -> None:
        solid = self._solid
        if self._upright and _is_turned(self._page, solid[0]):
            return  # stamps and watermarks: one or few characters a line, unreadable in between
        text = " ".join(clean("".join(self._texts)).split())
        if text:
            size = round(sorted(self._heights)[len(solid) // 2], 1)
            bold = _is_bold(self._page, solid[len(solid) // 2])
            self.lines.append(Line(text, self._x0, self._y0, self._x1, self._y1, size, bold))


def _is_turned(page: Any, index: int) -> bool:
    import pypdfium2.raw as raw

    angle: float = raw.FPDFText_GetCharAngle(page, index)
    return bool(0.2 < angle < 2 * math.pi - 0.2)


def _mostly_upright(text_page: Any) -> bool:
    """False for a page set sideways, whose text must not be thrown away as a stamp."""
    import pypdfium2.raw as raw

    count = raw.FPDFText_CountChars(text_page.raw)
    angles: list[float] = [
        raw.FPDFText_GetCharAngle(text_page.raw, index) for index in range(0, count, max(1, count // 50))
    ]
    return sum(0.2 < angle < 2 * math.pi - 0.2 for angle in angles) * 2 < max(1, len(angles))


def _is_bold(page: Any, index: int) -> bool:
    import pypdfium2.raw as raw

    weight: int = raw.FPDFText_GetFontWeight(page, index)
    if weight >= _BOLD:
        return True
    name = ctypes.create_string_buffer(128)
    length: int = raw.FPDFText_GetFontInfo(page, index, name, 128, None)
    known = name.value.lower() if 0 < length <= 128 else b""
    return b"bold" in known or b"heavy" in known
