"""Sentences of a text with their places in it, and the terms by which two texts are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.rag.sparse import CJK, fold, stem

_LONG = 160  # characters; beyond it a Chinese sentence is also cut at its semicolons
_CLOSERS = "”’」』）)】》\"'"
_END = re.compile(rf"[。！？!?…]+[{_CLOSERS}]*|[.][{_CLOSERS}]*(?=\s+[\"'“(\[]?[A-Z0-9\u4e00-\u9fff])|\n+")
_SEMICOLON = re.compile(r"[；;]")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:mr|mrs|ms|dr|prof|st|no|nos|vs|fig|art|sec|eq|approx|inc|ltd|co|corp|jr|sr|e\.g|i\.e|etc|[a-z]|(?:[a-z]\.)+[a-z])\.$",
    re.I,
)
_RUNS = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+(?:[.:/'’\-][^\W_{CJK}]+)*")
LATIN_WORD = re.compile(rf"[^\W_{CJK}]+(?:[.:/'’\-][^\W_{CJK}]+)*")
_IS_CJK = re.compile(rf"[{CJK}]")
_NUMBERING = re.compile(r"^\d{1,3}\.$")


@dataclass(frozen=True, slots=True)
class Span:
    """`text` is the original's [start:end], without white space at its ends."""

    text: str
    start: int
    end: int


def sentences(text: str) -> list[Span]:
    """Every sentence in order; a line end always ends one."""
    spans: list[Span] = []
    start = 0
    for match in _END.finditer(text):
        if match.group().startswith(".") and _is_abbreviation(text[start : match.start() + 1]):
            continue
        _append(spans, text, start=start, end=match.end())
        start = match.end()
    _append(spans, text, start=start, end=len(text))
    return spans


def grams(text: str) -> set[str]:
    """Folded CJK bigrams (a single character where it stands alone) and stemmed words."""
    return folded_grams(fold(text))


def folded_grams(folded: str) -> set[str]:
    found: set[str] = set()
    for run in _RUNS.findall(folded):
        if not _IS_CJK.match(run):
            found.add(stem(run))
        elif len(run) == 1:
            found.add(run)
        else:
            found.update(run[i : i + 2] for i in range(len(run) - 1))
    return found


def runs(folded: str) -> list[str]:
    """Its unbroken CJK texts and its words, in order."""
    return _RUNS.findall(folded)


def gram_slots(folded: str) -> list[tuple[str, ...]]:
    """For each CJK character the one or two bigrams that hold it, and for each word its stem: a
    bigram across two words occurs nowhere, and its characters should still count as found."""
    slots: list[tuple[str, ...]] = []
    for run in _RUNS.findall(folded):
        if not _IS_CJK.match(run):
            slots.append((stem(run),))
        elif len(run) == 1:
            slots.append((run,))
        else:
            pairs = [run[i : i + 2] for i in range(len(run) - 1)]
            slots += [tuple(pairs[max(0, i - 1) : i + 1]) for i in range(len(run))]
    return slots


def is_cjk(text: str) -> bool:
    return bool(_IS_CJK.match(text))


def containment(claim: set[str], evidence: set[str]) -> float:
    """The share of the claim's terms that the evidence has, in 0–1; 0 for an empty claim."""
    return len(claim & evidence) / len(claim) if claim else 0.0


def _append(spans: list[Span], text: str, *, start: int, end: int) -> None:
    piece = text[start:end]
    if len(piece) > _LONG and _IS_CJK.search(piece):
        for match in _SEMICOLON.finditer(piece):
            _append_one(spans, text, start=start, end=end - len(piece) + match.end())
            start = end - len(piece) + match.end()
    _append_one(spans, text, start=start, end=end)


def _append_one(spans: list[Span], text: str, *, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        begin = start + piece.index(stripped[0])
        spans.append(Span(stripped, begin, begin + len(stripped)))


def _is_abbreviation(before: str) -> bool:
    return bool(_ABBREVIATION.search(before)) or bool(_NUMBERING.match(before.strip()))
