"""Running headers, footers and page numbers: lines that repeat at the edge of page after page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from apps.rag.parsing.pdf.lines import Line

_EDGE = 0.12  # of the page height
_DIGITS = re.compile(r"\d+|[ivxlc]+(?=\s*$)")
_PAGE_NUMBER = re.compile(
    r"^[\s\-–—·_|]*(?:第\s*)?(?:page\s*)?\d{1,4}(?:\s*页)?(?:\s*(?:/|of|共|，共)\s*(?:共\s*)?\d{1,4}\s*页?)?[\s\-–—·_|]*$|^[ivxlc]{1,6}$",
    re.IGNORECASE,
)


class Furniture:
    """What repeats at the edge of the pages: look at all of them first, then ask for the body of each."""

    def __init__(self, pages: Iterable[list[Line]], heights: Sequence[float]) -> None:
        self._counts: Counter[tuple[str, bool]] = Counter()
        self._filled = 0
        for lines, height in zip(pages, heights, strict=True):
            self._counts.update(_key(line, height) for line in lines if _at_edge(line, height))
            self._filled += bool(lines)

    def body(self, lines: list[Line], height: float) -> list[Line]:
        """A page's lines without what merely repeats. In a short file a page that is nothing else keeps it."""
        body = [line for line in lines if not _is_furniture(line, height, self._counts, self._filled)]
        return body or (lines if self._filled < 3 else [])


def _at_edge(line: Line, height: float) -> bool:
    return line.y1 < _EDGE * height or line.y0 > (1 - _EDGE) * height


def _key(line: Line, height: float) -> tuple[str, bool]:
    return _DIGITS.sub("#", "".join(line.text.lower().split())), line.y1 < _EDGE * height


def _is_furniture(line: Line, height: float, counts: Counter[tuple[str, bool]], filled: int) -> bool:
    if not _at_edge(line, height):
        return False
    if _PAGE_NUMBER.match(line.text):
        return True
    count = counts[_key(line, height)]
    return count >= 3 and count * 3 >= filled or (filled == 2 and count == 2 and len(line.text) < 80)
