"""Tesseract through its C library: no process is started, which a parser child may not do."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

from apps.rag.errors import ParseError
from apps.rag.parsing.clean import is_cjk
from apps.rag.parsing.ocr.line import Line

_LIBRARIES = ("libtesseract.so.5", "libtesseract.so.4", "libtesseract.5.dylib")
_LANGUAGES = ("chi_sim+eng", "chi_sim", "eng")
_DPI = 200
_WORD = 5  # the level of a row that holds a word
_MIN_SCORE = 0.3


@lru_cache(maxsize=1)
def library() -> ctypes.CDLL | None:
    """The C library, None where it is not installed."""
    for name in _LIBRARIES:
        try:
            return _declared(ctypes.CDLL(name))
        except (OSError, AttributeError):
            continue
    return None


def _declared(found: ctypes.CDLL) -> ctypes.CDLL:
    handle, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    found.TessBaseAPICreate.restype = handle
    found.TessBaseAPIInit3.argtypes = [handle, text, text]
    found.TessBaseAPIInit3.restype = number
    found.TessBaseAPISetImage.argtypes = [handle, text, number, number, number, number]
    found.TessBaseAPISetSourceResolution.argtypes = [handle, number]
    found.TessBaseAPIGetTsvText.argtypes = [handle, number]
    found.TessBaseAPIGetTsvText.restype = handle
    found.TessDeleteText.argtypes = [handle]
    found.TessBaseAPIClear.argtypes = [handle]
    return found


class TesseractOcr:
    name = "tesseract"

    def __init__(self) -> None:
        found = library()
        if found is None:
            raise ParseError("tesseract is not installed", code="no_text")
        self._library = found
        self._handle = found.TessBaseAPICreate()
        if not any(found.TessBaseAPIInit3(self._handle, None, name.encode()) == 0 for name in _LANGUAGES):
            raise ParseError("tesseract has neither Chinese nor English data", code="no_text")

    def read(self, image: Any) -> list[Line]:
        pixels = image.convert("RGB").tobytes()
        self._library.TessBaseAPISetImage(self._handle, pixels, image.width, image.height, 3, image.width * 3)
        self._library.TessBaseAPISetSourceResolution(self._handle, _DPI)
        pointer = self._library.TessBaseAPIGetTsvText(self._handle, 0)
        if not pointer:
            return []
        try:
            table = ctypes.string_at(pointer).decode("utf-8", errors="replace")
        finally:
            self._library.TessDeleteText(pointer)
            self._library.TessBaseAPIClear(self._handle)
        return list(lines_of(table))


def lines_of(table: str) -> Iterator[Line]:
    """Lines out of Tesseract's table: level, page, block, paragraph, line, word, left, top, width,
    height, confidence (0–100), text; parted by tabs."""
    rows = [row.split("\t") for row in table.split("\n")]
    words = [row for row in rows if len(row) == 12 and row[0] == str(_WORD) and row[11].strip()]
    for _, group in groupby(words, key=lambda row: row[1:5]):
        line = list(group)
        boxes = [tuple(map(float, row[6:10])) for row in line]
        score = sum(float(row[10]) for row in line) / len(line) / 100
        if score >= _MIN_SCORE:
            box = (
                min(left for left, _, _, _ in boxes),
                min(top for _, top, _, _ in boxes),
                max(left + width for left, _, width, _ in boxes),
                max(top + height for _, top, _, height in boxes),
            )
            yield Line(_joined([row[11].strip() for row in line]), box, min(1.0, score))


def _joined(words: list[str]) -> str:
    text = ""
    for word in words:
        near = not text or (is_cjk(text[-1]) and is_cjk(word[0]))
        text += word if near else f" {word}"
    return text
