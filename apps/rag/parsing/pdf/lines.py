"""Reads a page's characters into lines with boxes: points, origin top left, rotation undone."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.rag.parsing.clean import clean, is_cjk
from apps.rag.parsing.pdf.characters import Characters, read_characters
from apps.rag.parsing.pdf.matrix import page_matrix

if TYPE_CHECKING:
    import numpy

_GAP = 2.2  # of the font size: a wider hole parts columns or cells
_WORD_GAP = 0.25
_BOLD = 600
_NAME = ctypes.create_string_buffer(128)  # of a font


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


def read_lines(page: Any, text_page: Any, *, skip_invisible: bool) -> list[Line]:
    """The lines of a page in the order the file draws them."""
    matrix = page_matrix(page)
    upright = abs(matrix.b) < 0.01 and _mostly_upright(text_page)
    characters = read_characters(text_page.raw, matrix, skip_invisible=skip_invisible)
    if not len(characters):
        return []
    return list(_lines(text_page.raw, characters, upright=upright))


def _lines(page: Any, of: Characters, *, upright: bool) -> Iterator[Line]:
    """Cut where the line, the column or the type changes. Stamps and watermarks are left out: one or few characters
    a line, unreadable in between."""
    import numpy

    heights = of.y1 - of.y0
    opens, spaced = _cuts(of, heights)
    (starts,) = numpy.nonzero(opens)
    ends = [*starts[1:].tolist(), len(of)]
    extremes = zip(
        numpy.minimum.reduceat(of.x0, starts).tolist(), numpy.minimum.reduceat(of.y0, starts).tolist(),
        numpy.maximum.reduceat(of.x1, starts).tolist(), numpy.maximum.reduceat(of.y1, starts).tolist(),
        strict=True,
    )  # fmt: skip
    for start, end, text, box in zip(
        starts.tolist(), ends, _texts(of, starts, spaced), extremes, strict=True
    ):
        if upright and _is_turned(page, int(of.numbers[start])):
            continue
        text = " ".join(clean(text).split())
        if text:
            half = (end - start) // 2
            size = round(sorted(heights[start:end].tolist())[half], 1)
            yield Line(text, *box, size, _is_bold(page, int(of.numbers[start + half])))


def _cuts(of: Characters, heights: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Whether each character opens a line, and whether a blank stands before it on its line."""
    import numpy

    opens = numpy.ones(len(of), dtype=bool)
    spaced = numpy.zeros(len(of), dtype=bool)
    gap = of.x0[1:] - of.x1[:-1]
    height = numpy.maximum(numpy.maximum(heights[:-1], heights[1:]), 1.0)
    sums = of.y0 + of.y1
    apart = numpy.abs(sums[1:] - sums[:-1]) / 2 > 0.6 * height
    broken = of.breaks[1:] != of.breaks[:-1]
    opens[1:] = broken | apart | (gap > _GAP * height) | (gap < -3 * height)
    spaced[1:] = of.spaces[1:] != of.spaces[:-1]
    wide = (gap > _WORD_GAP * height) & ~spaced[1:] & ~opens[1:]
    for index in (numpy.nonzero(wide)[0] + 1).tolist():
        spaced[index] = not is_cjk(chr(of.codes[index]))
    return opens, spaced & ~opens


def _texts(of: Characters, starts: numpy.ndarray, spaced: numpy.ndarray) -> Iterator[str]:
    """The text of each line, with a blank where one belongs."""
    import numpy

    (blanks,) = numpy.nonzero(spaced)
    codes = numpy.insert(of.codes, blanks, 0x20)
    whole = codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    places = (starts + numpy.cumsum(spaced)[starts]).tolist()
    for start, end in zip(places, [*places[1:], len(whole)], strict=True):
        yield whole[start:end]


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
    length: int = raw.FPDFText_GetFontInfo(page, index, _NAME, len(_NAME), None)
    known = _NAME.value.lower() if 0 < length <= len(_NAME) else b""
    return b"bold" in known or b"heavy" in known
