"""The text of a draft: openings and sections filled with facts, numbered, gaps marked where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from apps.office.notices.blueprints import Blueprint, Section
from apps.office.notices.draft import Draft, Paragraph, Role, Source
from apps.office.notices.facts import Fact
from apps.office.notices.fields import FURNITURE, field_called
from apps.office.notices.style import Style

_SLOT = re.compile(r"\{([^{}]+)\}")  # looked for in blueprints alone, never in what was filled in
_HAN = "零一二三四五六七八九十"
_ENDS = "。！？；：…”』」）)"
PHRASE = Source("phrase")


def gap_mark(name: str) -> str:
    field = field_called(name)
    return f"［待补：{field.word if field else name}］"


class Body:
    """`topics` are the words of the subject; `missing` the fields that were looked for and not there."""

    def __init__(
        self, plan: Blueprint, facts: Mapping[str, Fact], *, topics: Mapping[str, str], style: Style
    ) -> None:
        self._plan, self._facts, self._topics, self._style = plan, facts, topics, style
        self._used: set[str] = set()
        self.missing: list[str] = []

    def write(self, draft: Draft, *, closing: str) -> None:
        paragraphs = [self._opening()] if self._plan.opening else []
        sections = [block for section in self._plan.sections if (block := self._section(section))]
        if rest := self._rest():
            sections.append(rest)
        paragraphs += numbered(sections)
        if closing and self._style.closing is not False:
            source = self._style.closing_source or PHRASE
            paragraphs.append(Paragraph(closing, role="closing", sources=(source,)))
        draft.paragraphs = paragraphs

    def _opening(self) -> Paragraph:
        best = min(self._plan.opening, key=lambda text: len(self._lacking(text)))
        styled, source = self._style.worded(best)
        return self._filled(styled, role="opening", further=source)

    def _section(self, section: Section) -> list[Paragraph]:
        if section.each:
            return self._points(section)
        for text in section.text:
            if not self._lacking(text):
                return self._headed(section, [self._filled(text)])
        if not section.need or any(name in self._facts for name in section.unless):
            return []
        best = min(section.text, key=lambda text: len(self._lacking(text)))
        return self._headed(section, [self._filled(best)])

    def _points(self, section: Section) -> list[Paragraph]:
        fact = self._facts.get(section.each)
        if fact is None:
            if not section.need or any(name in self._facts for name in section.unless):
                return []
            self.missing.append(section.each)
            return self._headed(section, [Paragraph(gap_mark(section.each), gaps=(section.each,))])
        self._used.add(section.each)
        sources = (Source("fact", fact.given),)
        many = len(fact.points) > 1
        level = (3 if section.head else 1) if many else 0
        points = [
            Paragraph(ended(unnumbered(point)), level, "item" if many else "body", sources)
            for point in fact.points
        ]
        return self._headed(section, points)

    def _headed(self, section: Section, paragraphs: list[Paragraph]) -> list[Paragraph]:
        return [Paragraph(section.head, 1, "head", (PHRASE,)), *paragraphs] if section.head else paragraphs

    def _rest(self) -> list[Paragraph]:
        """Facts that no section asked for: nothing that was told is lost."""
        left = [
            fact for name, fact in self._facts.items() if name not in self._used and name not in FURNITURE
        ]
        lines = [
            Paragraph(ended(f"{_label(fact)}：{fact.text}"), sources=(Source("fact", fact.given),))
            for fact in left
        ]
        return [Paragraph("其他事项", 1, "head", (PHRASE,)), *lines] if lines else []

    def _lacking(self, text: str) -> list[str]:
        return [name for name in _SLOT.findall(text) if not self._value(name)]

    def _value(self, name: str) -> str:
        if name in self._topics:
            return self._topics[name]
        fact = self._facts.get(name)
        return fact.text.rstrip("。；;，, ") if fact else ""

    def _filled(self, text: str, *, role: Role = "body", further: Source | None = None) -> Paragraph:
        """Each slot replaced once. What is missing becomes a mark that no reader overlooks."""
        names = list(dict.fromkeys(_SLOT.findall(text)))
        missing = [name for name in names if not self._value(name)]
        told = [name for name in names if name in self._facts]
        self._used.update(told)
        self.missing += missing
        whole = _SLOT.sub(lambda match: self._value(match[1]) or gap_mark(match[1]), text)
        sources = [further or PHRASE, *(Source("fact", self._facts[name].given) for name in told)]
        if "topic" in names or "topic_bare" in names:
            sources.append(Source("fact", "subject"))
        return Paragraph(whole, 0, role, tuple(sources), tuple(missing))


def _label(fact: Fact) -> str:
    field = field_called(fact.name)
    return field.word if field else fact.given


def ended(text: str) -> str:
    """With a mark at its end."""
    return text if text and text[-1] in _ENDS else f"{text.rstrip('，,；;、')}。"


_NUMBERS = re.compile(
    r"^(?:[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十]{1,3}、|\d{1,2}[.．、](?!\d))\s*"
)


def unnumbered(text: str) -> str:
    """Without a number of the caller's, since the document numbers by itself."""
    bare = _NUMBERS.sub("", text, count=1)
    return bare or text


def numbered(blocks: Sequence[Sequence[Paragraph]]) -> list[Paragraph]:
    """The blocks in a row, each level with its numbers; a single section needs no heading."""
    whole = [paragraph for block in blocks for paragraph in block]
    alone = sum(paragraph.level == 1 for paragraph in whole) == 1
    counts = [0, 0, 0, 0, 0]
    found: list[Paragraph] = []
    for paragraph in whole:
        level = paragraph.level
        if alone and level == 1 and paragraph.role == "head":
            continue
        counts[level] += 1
        counts[level + 1 :] = [0] * (len(counts) - level - 1) if level else [counts[1], 0, 0, 0]
        if level:
            paragraph = replace(paragraph, text=_number(level, counts[level]) + paragraph.text)
        found.append(paragraph)
    return found


def _number(level: int, count: int) -> str:
    return {1: f"{han(count)}、", 2: f"（{han(count)}）", 3: f"{count}.", 4: f"（{count}）"}[level]


def han(number: int) -> str:
    """1–99 in Chinese numerals."""
    if number <= 10:
        return _HAN[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else _HAN[tens]) + "十" + (_HAN[ones] if ones else "")
