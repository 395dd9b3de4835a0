"""Reads a page's characters into lines with boxes: points, origin top left, rotation undone."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
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
    collector = _Collector(upright=abs(matrix.b) < 0.01 and _mostly_upright(text_page))
    for char in _characters(text_page, matrix, skip_invisible=skip_invisible):
        collector.add(char)
    collector.end()
    return collector.lines


@dataclass(slots=True)
class _Char:
    text: str  # "\n" ends a line
    x0: float
    y0: float
    x1: float
    y1: float
    index: int
    page: Any


def _characters(text_page: Any, matrix: Matrix, *, skip_invisible: bool) -> Iterator[_Char]:
    import pypdfium2.raw as raw

    handle = text_page.raw
    rect = raw.FS_RECTF()
    high = 0
    for index in range(min(raw.FPDFText_CountChars(handle), _MAX_CHARACTERS)):
        code = raw.FPDFText_GetUnicode(handle, index)
        if code in _BREAKS:
            yield _Char("\n", 0, 0, 0, 0, index, handle)
            continue
        if 0xD800 <= code < 0xDC00:  # half of a character beyond the basic plane
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
        high = 0
        if code == 0 or (skip_invisible and _is_invisible(handle, index)):
            continue
        if not raw.FPDFText_GetLooseCharBox(handle, index, rect):
            continue
        box = matrix.box(rect.left, rect.bottom, rect.right, rect.top)
        yield _Char("-" if code in _HYPHENS else chr(code), *box, index, handle)


def _is_invisible(handle: Any, index: int) -> bool:
    import pypdfium2.raw as raw

    owner = raw.FPDFText_GetTextObject(handle, index)
    return bool(owner and raw.FPDFTextObj_GetTextRenderMode(owner) == _INVISIBLE_MODE)


class _Collector:
    """Cuts the stream of characters where the line, the column or the type changes."""

    def __init__(self, *, upright: bool) -> None:
        self._upright = upright
        self.lines: list[Line] = []
        self._chars: list[_Char] = []
        self._last: _Char | None = None

    def add(self, char: _Char) -> None:
        if char.text == "\n":
            self.end()
            return
        blank = char.text.isspace()
        if self._last is not None and not blank:
            height = max(self._last.y1 - self._last.y0, char.y1 - char.y0, 1.0)
            gap = char.x0 - self._last.x1
            apart = abs((char.y0 + char.y1) - (self._last.y0 + self._last.y1)) / 2 > 0.6 * height
            if apart or gap > _GAP * height or gap < -3 * height:
                self.end()
            elif gap > _WORD_GAP * height and self._chars[-1].text != " " and not is_cjk(char.text):
                self._chars.append(_Char(" ", 0, 0, 0, 0, char.index, char.page))
        if blank:
            if self._chars:
                self._chars.append(_Char(" ", 0, 0, 0, 0, char.index, char.page))
            return
        self._chars.append(char)
        self._last = char

    def end(self) -> None:
        chars, self._chars, self._last = self._chars, [], None
        solid = [char for char in chars if char.text != " "]
        if solid and self._upright and _is_turned(solid[0]):
            return  # stamps and watermarks: one or few characters a line, unreadable in between
        text = " ".join(clean("".join(char.text for char in chars)).split())
        if not solid or not text:
            return
        sizes = sorted(char.y1 - char.y0 for char in solid)
        self.lines.append(
            Line(
                text,
                min(char.x0 for char in solid),
                min(char.y0 for char in solid),
                max(char.x1 for char in solid),
                max(char.y1 for char in solid),
                round(sizes[len(sizes) // 2], 1),
                _is_bold(solid[len(solid) // 2]),
            )
        )


def _is_turned(char: _Char) -> bool:
    import pypdfium2.raw as raw

    angle: float = raw.FPDFText_GetCharAngle(char.page, char.index)
    return bool(0.2 < angle < 2 * math.pi - 0.2)


def _mostly_upright(text_page: Any) -> bool:
    """False for a page set sideways, whose text must not be thrown away as a stamp."""
    import pypdfium2.raw as raw

    count = raw.FPDFText_CountChars(text_page.raw)
    angles: list[float] = [
        raw.FPDFText_GetCharAngle(text_page.raw, index) for index in range(0, count, max(1, count // 50))
    ]
    return sum(0.2 < angle < 2 * math.pi - 0.2 for angle in angles) * 2 < max(1, len(angles))


def _is_bold(char: _Char) -> bool:
    import pypdfium2.raw as raw

    weight: int = raw.FPDFText_GetFontWeight(char.page, char.index)
    if weight >= _BOLD:
        return True
    name = ctypes.create_string_buffer(128)
    length: int = raw.FPDFText_GetFontInfo(char.page, char.index, name, 128, None)
    known = name.value.lower() if 0 < length <= 128 else b""
    return b"bold" in known or b"heavy" in known
