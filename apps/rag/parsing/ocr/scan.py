"""A recognised picture as lines of a page, in points, as pdf.layout wants them."""

from __future__ import annotations

from typing import Any

from apps.rag.parsing.clean import clean
from apps.rag.parsing.ocr.line import Line as Found
from apps.rag.parsing.ocr.session import Session
from apps.rag.parsing.pdf.lines import Line

DPI = 200
MAX_PIXELS = 12_000_000
_NEAR = (0.7, 1.4)  # of the middle height: boxes of one type size differ by what letters a line has
_STEP = 1.3


def page_lines(session: Session, image: Any, *, scale: float) -> list[Line]:
    """Recognise a PIL image whose pixels are `scale` to a point."""
    return to_lines(session.read(image.convert("RGB")), scale=scale)


def to_lines(found: list[Found], *, scale: float) -> list[Line]:
    """Boxes in points; type sizes evened out, so that they neither part paragraphs nor make headings."""
    filled = [(line, " ".join(clean(line.text).split())) for line in found]
    filled = [(line, text) for line, text in filled if text]
    if not filled:
        return []
    heights = sorted((line.box[3] - line.box[1]) / scale for line, _ in filled)
    middle = max(1.0, heights[len(heights) // 2])
    lines = []
    for line, text in filled:
        x0, y0, x1, y1 = (value / scale for value in line.box)
        lines.append(Line(text, x0, y0, x1, y1, _even(y1 - y0, middle)))
    return lines


def _even(height: float, middle: float) -> float:
    """The height of a line in steps; everything near the middle is the body's size."""
    ratio = height / middle
    if _NEAR[0] <= ratio <= _NEAR[1]:
        return round(middle, 1)
    step = 1.0
    while ratio >= step * _STEP * _NEAR[1] ** 0.5:
        step *= _STEP
    return round(middle * (step if ratio > 1 else _NEAR[0]), 1)
