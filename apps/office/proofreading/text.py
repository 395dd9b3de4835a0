"""A draft and its parts: paragraphs, sentences, kind of document, and offsets in both units."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.office.proofreading.page_layout import PageLayout

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
LETTER = re.compile(r"[A-Za-z]")
KINDS = (
    "决议",
    "决定",
    "命令",
    "公报",
    "公告",
    "通告",
    "意见",
    "通知",
    "通报",
    "报告",
    "请示",
    "批复",
    "议案",
    "函",
    "纪要",
)
_KIND = re.compile(rf"(?:的|^)?({'|'.join(KINDS)}|令)\s*$")
_LINE = re.compile(r"[^\r\n\v\f\u0085\u2028\u2029]*")
_SENTENCE = re.compile(r"[^。！？!?；;\n\r]*[。！？!?；;\n\r]*[”’」』）)]*")
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def language_of(text: str) -> str:
    """ "zh" or "en": by what most of the letters are; a text without letters is Chinese."""
    han, latin = len(HAN.findall(text)), len(LETTER.findall(text))
    return "en" if latin > 4 * han else "zh"


@dataclass(frozen=True)
class Draft:
    """The text as it was given; nothing is normalised, so that offsets hold. `kind` is one of KINDS or empty,
    `layout` what a Word file says of its pages."""

    text: str
    language: str = "zh"
    kind: str = ""
    layout: PageLayout | None = field(default=None, compare=False)

    @cached_property
    def lines(self) -> list[tuple[int, int]]:
        """[start, end) of each line, without its end mark; a paragraph is a line."""
        found, start = [], 0
        while start <= len(self.text):
            match = _LINE.match(self.text, start)
            assert match is not None
            found.append((start, match.end()))
            start = match.end() + (2 if self.text.startswith("\r\n", match.end()) else 1)
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _end in self.lines]

    def line_at(self, offset: int) -> int:
        return max(0, bisect_right(self._starts, offset) - 1)

    def line_text(self, number: int) -> str:
        start, end = self.lines[number]
        return self.text[start:end]

    def filled_lines(self) -> Iterator[tuple[int, int, str]]:
        """(number, offset of the text, text without outer space) of each line that has any."""
        for number, (start, end) in enumerate(self.lines):
            line = self.text[start:end]
            if stripped := line.strip():
                yield number, start + len(line) - len(line.lstrip()), stripped

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        return [match.span() for match in _SENTENCE.finditer(self.text) if match[0].strip()]


def kind_of(text: str) -> str:
    """The kind that the title among the first lines ends with, or nothing."""
    for line in text.lstrip().splitlines()[:6]:
        line = line.strip()
        if 2 <= len(line) <= 80 and (match := _KIND.search(line)) and "：" not in line:
            return "命令" if match[1] == "令" else match[1]
    return ""


class Utf16:
    """Offsets of a text in UTF-16 code units, as browsers and LanguageTool count them."""

    def __init__(self, text: str) -> None:
        self._wide = [place for place, char in enumerate(text) if ord(char) > 0xFFFF]
        self._units = [place + number for number, place in enumerate(self._wide)]

    def units(self, offset: int) -> int:
        """Code points → code units."""
        return offset + bisect_right(self._wide, offset - 1)

    def points(self, units: int) -> int:
        """Code units → code points; the middle of a surrogate pair is its character."""
        before = bisect_right(self._units, units - 1)
        if before and self._units[before - 1] == units - 1:
            return self._wide[before - 1]
        return units - before
