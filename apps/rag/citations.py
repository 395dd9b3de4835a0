"""Citation marks in an answer, in every form that models write them.

[1] [1, 2] [1][2] [1-3] 【1】 【1†source】 ［１］ [^1] [[1]] [来源1] （来源 1、2） (Source 1). A number counts only if it is
among the sources of this answer; everything else, and everything in code, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from apps.rag.figures import figures
from apps.rag.sentences import Span, containment, grams, sentences

MAX_RANGE = 20  # numbers that one range may stand for
_WORD = r"(?:来源|资料|文献|引用|参考|来源编号|sources?|refs?\.?|citations?|documents?)\s*[:：#]?\s*"
_NUMBER = r"[0-9０-９]{1,3}"
_LIST = rf"{_NUMBER}(?:\s*(?:[,，、;；&]|和|及|and|[-–—~～至到])\s*(?:{_WORD})?{_NUMBER})*"
_MARK = re.compile(
    rf"\[\[\s*(?P<double>{_LIST})\s*\]\](?!\()"
    rf"|[\[［]\s*\^?\s*(?:{_WORD})?(?P<square>{_LIST})\s*[\]］](?![(:：])"
    rf"|【\s*(?:{_WORD})?(?P<lenticular>{_LIST})\s*(?:†[^】\n]{{0,60}})?】"
    rf"|[（(]\s*{_WORD}(?P<round>{_LIST})\s*[)）]",
    re.I,
)
_PART = re.compile(rf"({_NUMBER})(?:\s*[-–—~～至到]\s*({_NUMBER}))?")
_CODE = re.compile(
    r"^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^[ ]{0,3}(?P=fence)[`~]*[ \t]*$|\Z)|(?<!`)(?P<tick>`+)(?!`)[^\n]*?(?<!`)(?P=tick)(?!`)",
    re.M | re.S,
)
_OPEN = re.compile(r"[\[［【（(][^\]］】）)\n]{0,80}$")


@dataclass(frozen=True, slots=True)
class Mark:
    """One understood mark at [start:end] of the text, with its known numbers in the order written."""

    start: int
    end: int
    numbers: tuple[int, ...]
    unknown: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """The passage's [start:end]; empty where the passage has no words."""

    text: str
    start: int
    end: int


def split_marks(text: str, allowed: Collection[int]) -> list[str | Mark]:
    """The text as plain pieces and marks, in order; joined by their places they give the text."""
    parts: list[str | Mark] = []
    position = 0
    for mark in _marks(text, frozenset(allowed)):
        if mark.start > position:
            parts.append(text[position : mark.start])
        parts.append(mark)
        position = mark.end
    if position < len(text):
        parts.append(text[position:])
    return parts


def cited_numbers(text: str, allowed: Collection[int]) -> list[int]:
    """The sources that the text cites, each once, in the order of their first mark."""
    marks = _marks(text, frozenset(allowed))
    return list(dict.fromkeys(number for mark in marks for number in mark.numbers))


def normalise(text: str, allowed: Collection[int]) -> str:
    """Every understood mark as `[1][2]`; numbers of a mark that are not allowed stay beside it as
    plain `[9]`. Idempotent."""
    return "".join(
        part if isinstance(part, str) else _canonical(part, text) for part in split_marks(text, allowed)
    )


def strip_marks(text: str, allowed: Collection[int] = range(1, 1000)) -> str:
    """The text without its marks, and without the space before each."""
    kept = ""
    for part in split_marks(text, allowed):
        kept = kept + part if isinstance(part, str) else kept.rstrip(" ")
    return kept


def settled_length(text: str) -> int:
    """How much of a text that is still growing can be shown: all but an end such as `[1` that the
    next piece may complete to a mark."""
    match = _OPEN.search(text, max(0, len(text) - 81))
    if match is None:
        return len(text)
    inner = match.group()[1:].lstrip("[ ^")
    may_be = not inner or re.match(rf"(?:{_NUMBER}|来|资|文|引|参|s|r|c|d)", inner, re.I)
    return match.start() if may_be else len(text)


def best_quote(sentence: str, passage_text: str) -> Quote:
    """The sentence of the passage nearest to a claim by shared terms and figures, or two
    neighbours where the second adds much of the claim. Ties go to the first."""
    claim = _terms(strip_marks(sentence))
    spans = sentences(passage_text)
    if not spans:
        return Quote("", 0, 0)
    have = [_terms(span.text) for span in spans]
    best = max(range(len(spans)), key=lambda i: (_likeness(claim, have[i]), -i))
    first = last = best
    for other in (best - 1, best + 1):
        if 0 <= other < len(spans) and _adds(claim, have[best], have[other]):
            first, last = min(best, other), max(best, other)
            break
    return _joined(passage_text, spans[first], spans[last])


def _terms(text: str) -> set[str]:
    """Grams, and each figure twice over: 五天 and 5天 share no characters but mean the same."""
    found = figures(text)
    named = {str(figure) for figure in (*found.numbers, *found.dates, *found.documents)}
    return grams(text) | {f"{kind}{name}" for name in named for kind in "=#"}


def _likeness(claim: set[str], evidence: set[str]) -> float:
    """Containment of the claim, slightly lowered for what the sentence says beyond it."""
    if not claim or not evidence:
        return 0.0
    shared = len(claim & evidence)
    return shared / (len(claim) + 0.15 * len(evidence - claim))


def _adds(claim: set[str], chosen: set[str], other: set[str]) -> bool:
    return containment(claim, chosen | other) - containment(claim, chosen) >= 0.25


def _joined(text: str, first: Span, last: Span) -> Quote:
    return Quote(text[first.start : last.end], first.start, last.end)


def _marks(text: str, allowed: frozenset[int]) -> Iterator[Mark]:
    code = [match.span() for match in _CODE.finditer(text)] if "`" in text or "~~~" in text else []
    for match in _MARK.finditer(text):
        if any(start <= match.start() < end for start, end in code):
            continue
        numbers = _numbers(next(group for group in match.groups() if group))
        known = tuple(number for number in numbers if number in allowed)
        if known:
            yield Mark(match.start(), match.end(), known, tuple(n for n in numbers if n not in allowed))


def _numbers(listed: str) -> list[int]:
    found: list[int] = []
    for first, last in _PART.findall(listed):
        low = int(first)
        high = int(last) if last else low
        found += range(low, high + 1) if 0 <= high - low < MAX_RANGE else [low, high]
    return list(dict.fromkeys(found))


def _canonical(mark: Mark, text: str) -> str:
    marks = "".join(f"[{number}]" for number in (*mark.numbers, *mark.unknown))
    # 【1】(see below) must not become the Markdown link [1](see below), nor a definition.
    return marks + " " if text[mark.end : mark.end + 1] in {"(", ":"} else marks
