"""Characters that most checks leave alone: titles, quotations, addresses, codes, names."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

_CODE = re.compile(
    r"(?:https?|ftp)://[^\s\u3000-\u9fff，。；）】》”]+"
    r"|www\.[A-Za-z0-9-]+\.[^\s\u3000-\u9fff，。；）】》”]+"
    r"|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
    r"|[\w./\\-]+\.(?:docx?|xlsx?|pptx?|pdf|txt|csv|zip|html?|py|json|xml|exe)\b"
    r"|`[^`\n]+`",
    re.ASCII,
)
_TITLE = re.compile(r"《[^》\n]{1,120}》")
_QUOTE = re.compile(r"“[^”\n]{1,200}”|「[^」\n]{1,200}」|『[^』\n]{1,200}』")


class Spans:
    """Sorted, joined spans that answer whether a stretch touches one of them."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        joined: list[list[int]] = []
        for start, end in sorted(spans):
            if joined and start <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], end)
            elif end > start:
                joined.append([start, end])
        self._starts = [start for start, _end in joined]
        self._ends = [end for _start, end in joined]

    def touch(self, start: int, end: int) -> bool:
        """Whether [start, end) shares a character with a span; an empty stretch with what lies around it."""
        place = bisect_right(self._ends, start)
        return place < bisect_left(self._starts, max(end, start + 1))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(zip(self._starts, self._ends, strict=True))


def code_spans(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _CODE.finditer(text)]


def title_spans(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _TITLE.finditer(text)]


def quoted_spans(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _QUOTE.finditer(text)]
