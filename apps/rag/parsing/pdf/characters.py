"""The characters of a page as arrays: a page has thousands, so nothing is done for a single one in Python where it can
be done for all."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import POINTER, PYFUNCTYPE, byref, c_int, c_ushort, c_void_p, cast, sizeof
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy

    from apps.rag.parsing.pdf.matrix import Matrix

HYPHEN = 0x2D
_HYPHENS = (0x02, 0xFFFE, 0xAD)  # what pdfium gives for a hyphen at the end of a line
_BREAKS = (0x0A, 0x0D)
_SPACES = tuple(code for code in range(0x3001) if chr(code).isspace())
_HIGH, _LOW, _AFTER = 0xD800, 0xDC00, 0xE000  # halves of characters beyond the basic plane
_UNKNOWN = 0xFFFD
_NOT_SAID = 0xFFFE  # in pdfium's whole text: a hyphen at the end of a line, or what it does not know
_INVISIBLE_MODE = 3
_MAX = 200_000  # a page
_BLOCK = 4_096  # boxes asked for at once


@dataclass(frozen=True, slots=True)
class Characters:
    """What can be seen on a page, in the order the file draws it: arrays of one length. `codes` are code points,
    `numbers` their places in the page's text, boxes in points from the top left; `breaks` and `spaces` count the
    line breaks and the blanks before each."""

    codes: numpy.ndarray
    numbers: numpy.ndarray
    x0: numpy.ndarray
    y0: numpy.ndarray
    x1: numpy.ndarray
    y1: numpy.ndarray
    breaks: numpy.ndarray
    spaces: numpy.ndarray

    def __len__(self) -> int:
        return len(self.codes)


def read_characters(handle: Any, matrix: Matrix, *, skip_invisible: bool) -> Characters:
    """`handle` is pdfium's text page."""
    import numpy

    codes = _codes(handle)
    boxes, placed = _boxes(handle, len(codes))
    breaks = numpy.isin(codes, _BREAKS)
    there = placed & (codes != 0)
    if skip_invisible:
        there &= _visible(handle, codes)
    blank = there & numpy.isin(codes, _SPACES) & ~breaks
    (numbers,) = numpy.nonzero(there & ~breaks & ~blank)
    seen = codes[numbers]
    seen[numpy.isin(seen, _HYPHENS)] = HYPHEN
    left, top, right, bottom = boxes[numbers].T
    box = matrix.boxes(left, bottom, right, top)
    return Characters(seen, numbers, *box, numpy.cumsum(breaks)[numbers], numpy.cumsum(blank)[numbers])


def _codes(handle: Any) -> numpy.ndarray:
    """The code point of each; 0 for what is none."""
    import numpy
    import pypdfium2.raw as raw

    count = max(0, min(raw.FPDFText_CountChars(handle), _MAX))
    units = numpy.zeros(count + 1, dtype=numpy.uint16)
    written = raw.FPDFText_GetText(handle, 0, count, units.ctypes.data_as(POINTER(c_ushort)))
    halves = (units >= _HIGH) & (units < _AFTER)
    if written == count + 1 and not halves.any():
        codes = units[:count].astype(numpy.uint32)
        for index in numpy.nonzero(codes == _NOT_SAID)[0].tolist():
            codes[index] = raw.FPDFText_GetUnicode(handle, index)
        return codes
    # That left something out or doubled it: ask for each, so that numbers and codes belong together.
    found = map(raw.FPDFText_GetUnicode, repeat(handle, count), range(count))
    codes = numpy.fromiter(found, dtype=numpy.uint32, count=count)
    if ((codes >= _HIGH) & (codes < _AFTER)).any():
        _join_halves(codes)
    return codes


def _join_halves(codes: numpy.ndarray) -> None:
    """Two halves become one character in the place of the second."""
    high = 0
    for index, code in enumerate(codes.tolist()):
        if code in _BREAKS:
            continue
        if _HIGH <= code < _LOW:
            high, codes[index] = code, 0
            continue
        if _LOW <= code < _AFTER:
            codes[index] = 0x10000 + ((high - _HIGH) << 10) + (code - _LOW) if high else _UNKNOWN
        high = 0


def _boxes(handle: Any, count: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Left, top, right, bottom of each in user space, and whether it has a place at all."""
    import numpy

    rects, places, box_of = _room()
    block = numpy.frombuffer(rects, dtype=numpy.float32).reshape(_BLOCK, 4)
    boxes, placed = numpy.zeros((count, 4)), numpy.zeros(count, dtype=bool)
    page = cast(handle, c_void_p)
    for start in range(0, count, _BLOCK):
        end = min(count, start + _BLOCK)
        found = map(box_of, repeat(page), range(start, end), places)
        placed[start:end] = numpy.fromiter(found, dtype=numpy.intc, count=end - start)
        boxes[start:end] = block[: end - start]
    return boxes, placed


@cache
def _room() -> tuple[Any, list[Any], Callable[..., int]]:
    """For one thread, as all of pdfium is: boxes for a block of characters, a pointer to each, and pdfium's FPDFText_GetLooseCharBox without the
    declaration of its arguments: to convert them takes five times what the call itself does. So they must be
    (c_void_p, int, pointer)."""
    import pypdfium2.raw as raw

    rects = (raw.FS_RECTF * _BLOCK)()
    places = [byref(rects, sizeof(raw.FS_RECTF) * number) for number in range(_BLOCK)]
    address = cast(raw.FPDFText_GetLooseCharBox, c_void_p).value
    assert address is not None
    return rects, places, PYFUNCTYPE(c_int)(address)


def _visible(handle: Any, codes: numpy.ndarray) -> numpy.ndarray:
    import numpy
    import pypdfium2.raw as raw

    def seen(index: int) -> bool:
        owner = raw.FPDFText_GetTextObject(handle, index)
        return not owner or raw.FPDFTextObj_GetTextRenderMode(owner) != _INVISIBLE_MODE

    return numpy.fromiter(map(seen, range(len(codes))), dtype=bool, count=len(codes))
