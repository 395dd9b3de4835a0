"""A passage as units that can be quoted: sentences, list items and table rows, each with its context."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from apps.rag.sentences import LATIN_WORD, folded_grams, sentences
from apps.rag.sparse import fold, stem
from apps.rag.types import Source

_HEADING = re.compile(r"^#{1,6}\s+")
_ITEM = re.compile(
    r"^\s*(?:[-*+•·]\s+|\(?\d{1,2}[.)、）]\s*|[（(][一二三四五六七八九十\d]{1,3}[）)]\s*|[一二三四五六七八九十]{1,3}、|[a-z][.)]\s+|[①-⑳]\s*)"
)
_BULLET = re.compile(r"^\s*[-*+•·]\s+")
_RULE_ROW = re.compile(r"^\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_ASKED = re.compile(r"[?？]\s*$|^\s*(?:问|q)\s*[:：]", re.I)
_ANSWER = re.compile(r"^\s*(?:答|a)\s*[:：]\s*", re.I)
_LEAD_IN = re.compile(r"[：:]\s*$")
_TITLED = re.compile(r"^[^：:。！？]{2,14}[：:].")
_OPEN_END = re.compile(r"[\u4e00-\u9fff，、\d]$|[a-z,]$")
_GOES_ON = re.compile(r"[\u4e00-\u9fff\d，、][^|]*[。；]|[a-z]")
_WRAPPED = 24  # characters: a shorter line was ended on purpose
_SAMPLE_ROWS = 400
_HAS_CJK = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Terms:
    """A folded text in which terms can be looked up: CJK as substrings, words by their stem. Only words
    that begin like a term of the question are stemmed; stemming all takes most of the time."""

    folded: str
    words: frozenset[str]

    def has(self, term: str) -> bool:
        return term in self.words or (not term.isascii() and term in self.folded)

    def skips(self, term: str) -> bool:
        """Whether both characters of a CJK pair stand with one or two others between: 年休假 for 年假."""
        if len(term) != 2 or term.isascii():
            return False
        at = self.folded.find(term[0])
        while at >= 0:
            if term[1] in self.folded[at + 2 : at + 4]:
                return True
            at = self.folded.find(term[0], at + 1)
        return False


def terms_of(text: str, heads: frozenset[str]) -> Terms:
    """`heads` are the first two letters of the question's words."""
    folded = fold(text)
    return Terms(
        folded, frozenset(stem(word) if word[:2] in heads else word for word in LATIN_WORD.findall(folded))
    )


_NOTHING = Terms("", frozenset())


@dataclass(slots=True)
class Unit:
    """`text` is what is quoted, `terms` its terms; `heading` those of what it stands under directly (last
    heading, lead-in), `context` of title and upper headings, `asked` of the question it answers,
    `near` of the sentences beside it, `around` of the whole passage; `items` the list that it leads in;
    `title` is the last heading as it is written."""

    number: int
    rank: int
    order: int
    text: str
    kind: str
    terms: Terms
    context: Terms
    asked: Terms
    heading: list[Terms]
    near: list[Terms] = field(default_factory=list)
    around: Terms = _NOTHING
    items: list[str] = field(default_factory=list)
    title: str = ""

    @property
    def grams(self) -> set[str]:
        return folded_grams(self.terms.folded)


class _Reader:
    """Walks the lines of one passage and keeps what stands above each."""

    def __init__(self, source: Source, *, rank: int, heads: frozenset[str]) -> None:
        chunk = source.passage.chunk
        self._number, self._rank, self._heads = source.number, rank, heads
        self._above = terms_of(" ".join((chunk.title, *chunk.headings)), heads)
        last = chunk.headings[-1] if chunk.headings else ""
        self._heading, self._title = terms_of(last, heads), last
        self._topic = terms_of(last, heads) if _ASKED.search(last) else _NOTHING
        self._asked = self._topic
        self._answered = False
        self._lead: Unit | None = None
        self._header: list[str] | None = None
        self._chinese = bool(_HAS_CJK.search(chunk.text))
        self._passage = terms_of(chunk.text, heads)
        self.units: list[Unit] = []

    def read(self, text: str) -> list[Unit]:
        lines = _unwrapped(text)
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
                self._asked, self._answered = self._topic, False
            return
        if _HEADING.match(line):
            self._title = _HEADING.sub("", line).strip()
            self._heading = terms_of(self._title, self._heads)
            self._lead, self._asked = None, self._topic
            return
        item = bool(_ITEM.match(line))
        lead = self._lead if item else None
        if not item:
            self._lead = None
        named: Unit | None = None  # "名称：" at the begin of a line belongs to all of its sentences
        for span in sentences(_BULLET.sub("", line)):
            text = _ANSWER.sub("", span.text)
            if _ASKED.search(text):
                self._asked, self._answered = terms_of(text, self._heads), False
                continue
            self._answered = True
            unit = self._add(text, kind="item" if item else "sentence")
            if named is not None:
                unit.heading.append(named.terms)
            elif _TITLED.match(text):
                named = unit
            if lead is not None:
                unit.heading.append(lead.terms)
                lead.items.append(text)
            elif _LEAD_IN.search(text):
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
            unit.heading.append(self._lead.terms)

    def _pairs(self, cells: list[str]) -> str:
        """`header: value` for every cell that holds something."""
        colon, comma = ("：", "；") if self._chinese else (": ", "; ")
        names = self._header or []
        named = ((names[i] if i < len(names) else "", cell) for i, cell in enumerate(cells))
        return comma.join(f"{name}{colon}{cell}" if name else cell for name, cell in named if cell)

    def _add(self, text: str, *, kind: str) -> Unit:
        unit = Unit(
            self._number,
            self._rank,
            len(self.units),
            text,
            kind,
            terms_of(text, self._heads),
            self._above,
            self._asked,
            [self._heading],
        )
        unit.around, unit.title = self._passage, self._title
        self.units.append(unit)
        return unit

    def _neighbours(self) -> None:
        for before, after in zip(self.units, self.units[1:], strict=False):
            if "row" not in (before.kind, after.kind):
                after.near.append(before.terms)
                before.near.append(after.terms)


def units_of(source: Source, *, rank: int, heads: frozenset[str]) -> list[Unit]:
    """The quotable units of a source in reading order; questions and headings only lend context."""
    return _Reader(source, rank=rank, heads=heads).read(source.passage.chunk.text)


def _unwrapped(text: str) -> list[str]:
    """The lines, those joined that a page's width has cut within a sentence."""
    lines: list[str] = []
    for line in text.splitlines():
        last = lines[-1] if lines else ""
        wrapped = len(last) >= _WRAPPED and _OPEN_END.search(last) and "|" not in last
        if wrapped and _GOES_ON.match(line) and not _ITEM.match(line):
            lines[-1] = last + ("" if _HAS_CJK.match(line) or not last[-1].isascii() else " ") + line
        else:
            lines.append(line)
    return lines
