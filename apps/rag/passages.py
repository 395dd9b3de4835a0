"""A passage as units that can be quoted: sentences, list items and table rows, each with its context."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from apps.rag.sentences import folded_grams, sentences, skip_grams
from apps.rag.sparse import fold
from apps.rag.types import Source

_HEADING = re.compile(r"^#{1,6}\s+")
_ITEM = re.compile(r"^\s*(?:[-*+•·]\s+|\(?\d{1,2}[.)、）]\s*|[（(][一二三四五六七八九十\d]{1,3}[）)]\s*|[一二三四五六七八九十]{1,3}、|[a-z][.)]\s+|[①-⑳]\s*)")
_BULLET = re.compile(r"^\s*[-*+•·]\s+")
_RULE_ROW = re.compile(r"^\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_ASKED = re.compile(r"[?？]\s*$|^\s*(?:问|q)\s*[:：]", re.I)
_ANSWER = re.compile(r"^\s*(?:答|a)\s*[:：]\s*", re.I)
_LEAD_IN = re.compile(r"[：:]\s*$")
_SAMPLE_ROWS = 400


@dataclass(slots=True)
class Unit:
    """`text` is what is quoted; `grams` and `skips` its terms; `context` the terms of its title, headings,
    lead-in or question; `near` those of the sentences beside it, `around` of the whole
    passage; `items` the list that it leads in."""

    number: int
    rank: int
    order: int
    text: str
    kind: str = "sentence"
    grams: set[str] = field(default_factory=set)
    skips: set[str] = field(default_factory=set)
    context: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    near: set[str] = field(default_factory=set)
    around: set[str] = field(default_factory=set)
    items: list[str] = field(default_factory=list)


class _Reader:
    """Walks the lines of one passage and keeps what stands above each."""

    def __init__(self, source: Source, *, rank: int) -> None:
        chunk = source.passage.chunk
        self._number, self._rank = source.number, rank
        self._above = folded_grams(fold(" ".join((chunk.title, *chunk.headings))))
        self._heading: set[str] = set()
        self._asked: set[str] = set()
        self._answered = False
        self._lead: Unit | None = None
        self._header: list[str] | None = None
        self._chinese = (chunk.language or "") == "zh" or bool(re.search(r"[\u4e00-\u9fff]", chunk.text))
        self.units: list[Unit] = []

    def read(self, text: str) -> list[Unit]:
        lines = text.splitlines()
        for place, line in enumerate(lines):
            following = lines[place + 1] if place + 1 < len(lines) else ""
            if line.lstrip().startswith("|") or (self._header and "|" in line):
                self._row(line, following=following)
            else:
                self._header = None
                self._line(line)
        self._neighbours()
        return self.units

    def _line(self, line: str) -> None:
        if not line.strip():
            if self._answered:
                self._asked, self._answered = set(), False
            return
        if _HEADING.match(line):
            self._heading = folded_grams(fold(line))
            self._lead, self._asked = None, set()
            return
        item = bool(_ITEM.match(line))
        lead = self._lead if item else None
        if not item:
            self._lead = None
        for span in sentences(_ANSWER.sub("", _BULLET.sub("", line))):
            if _ASKED.search(span.text):
                self._asked, self._answered = folded_grams(fold(span.text)), False
                continue
            self._answered = True
            unit = self._add(span.text, kind="item" if item else "sentence")
            if lead is not None:
                unit.context |= lead.grams
                lead.items.append(span.text)
            elif _LEAD_IN.search(span.text):
                self._lead = unit

    def _row(self, line: str, *, following: str) -> None:
        if _RULE_ROW.match(line):
            return
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if _RULE_ROW.match(following) and self._header is None:
            self._header = cells
            return
        if len(self.units) >= _SAMPLE_ROWS or not any(cells):
            return
        unit = self._add(self._pairs(cells), kind="row")
        if self._lead is not None:
            unit.context |= self._lead.grams

    def _pairs(self, cells: list[str]) -> str:
        """`header: value` for every cell that holds something."""
        colon, comma = ("：", "；") if self._chinese else (": ", "; ")
        names = self._header or []
        named = ((names[i] if i < len(names) else "", cell) for i, cell in enumerate(cells))
        return comma.join(f"{name}{colon}{cell}" if name else cell for name, cell in named if cell)

    def _add(self, text: str, *, kind: str) -> Unit:
        folded = fold(text)
        unit = Unit(self._number, self._rank, len(self.units), text, kind, folded_grams(folded), skip_grams(folded), self._above | self._heading, self._asked)
        self.units.append(unit)
        return unit

    def _neighbours(self) -> None:
        passage = set().union(*(unit.grams for unit in self.units))
        for unit in self.units:
            unit.around = passage
        for before, after in zip(self.units, self.units[1:], strict=False):
            if "row" not in (before.kind, after.kind):
                after.near = after.near | before.grams
                before.near = before.near | after.grams


def units_of(source: Source, *, rank: int) -> list[Unit]:
    """The quotable units of a source in reading order; questions and headings only lend context."""
    return _Reader(source, rank=rank).read(source.passage.chunk.text)
