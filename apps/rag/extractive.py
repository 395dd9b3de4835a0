"""Answers without a model: the sentences of the passages that answer best, quoted and cited.

A sentence is scored by the share of the question's terms that it holds, rarer terms counting more;
terms in its title, headings, lead-in or neighbours count less. A question for a number, a date, a
person or a place prefers sentences that hold one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.rag.languages import detect
from apps.rag.passages import Unit, units_of
from apps.rag.prompts import NOT_FOUND, plain_numbers
from apps.rag.questions import Question, holds, read_question
from apps.rag.sentences import containment
from apps.rag.types import Source

MAX_SOURCES = 8
MAX_LIST_ITEMS = 12
COVERED = 0.5  # of the question's weight; below it, nothing answers
NEAR_BEST = 0.75  # of the best score: what else is worth quoting
SAME = 0.75  # shared terms: it was said already

# What a term of the question is worth where it is found.
IN_ASKED, IN_SKIPPED, IN_CONTEXT, IN_NEAR = 0.95, 0.6, 0.6, 0.4
RIGHT_KIND, WRONG_KIND = 1.3, 0.85
PER_RANK = 0.04  # a lower source needs to be this much better
ABSENT = 0.7  # weight of a term that no sentence holds, against that of the rarest


@dataclass(frozen=True, slots=True)
class Extract:
    """`text` is Markdown with canonical [n] marks; `numbers` are the cited sources in order. With
    `found` False the text is one plain sentence and there are no numbers."""

    text: str
    numbers: tuple[int, ...]
    found: bool


@dataclass(frozen=True, slots=True)
class _Scored:
    unit: Unit
    score: float
    coverage: float
    held: frozenset[str]


def extract_answer(query: str, sources: Sequence[Source], *, max_sentences: int = 4) -> Extract:
    """The best sentences of the first MAX_SOURCES sources, each quoted verbatim and followed by its [n], in
    reading order. Raises ValueError if `max_sentences` is not positive."""
    if max_sentences < 1:
        raise ValueError("max_sentences must be positive")
    question = read_question(query)
    units = [unit for rank, source in enumerate(sources[:MAX_SOURCES]) for unit in units_of(source, rank=rank)]
    weights = _weights(question, units)
    ranked = sorted((_score(unit, question, weights) for unit in units), key=lambda item: -item.score)
    if not ranked or ranked[0].coverage < COVERED:
        return Extract(NOT_FOUND["zh" if detect(query) == "zh" else "en"], (), False)
    chosen = _choose(ranked, limit=max_sentences)
    return _written(chosen)


def _weights(question: Question, units: Sequence[Unit]) -> dict[str, float]:
    """The rarity of each term among the sentences at hand."""
    counts = Counter(term for unit in units for term in question.terms & (unit.grams | unit.asked))
    rarest = math.log(1 + len(units))
    return {term: math.log(1 + len(units) / counts[term]) if counts[term] else ABSENT * rarest for term in question.terms}


def _score(unit: Unit, question: Question, weights: Mapping[str, float]) -> _Scored:
    total = sum(weights.values()) or 1.0
    own = sum(weight * _worth(term, unit) for term, weight in weights.items()) / total
    score = own
    if question.kinds:
        score *= RIGHT_KIND if any(holds(kind, unit.text) for kind in question.kinds) else WRONG_KIND
    if len(unit.text) < 6 or (unit.text.endswith(("：", ":")) and not unit.items):
        score *= 0.6
    held = frozenset(term for term in weights if term in unit.grams)
    return _Scored(unit, score * (1 - PER_RANK * unit.rank), own, held)


def _worth(term: str, unit: Unit) -> float:
    if term in unit.grams:
        return 1.0
    if term in unit.asked:
        return IN_ASKED
    if term in unit.skips:
        return IN_SKIPPED
    if term in unit.context:
        return IN_CONTEXT
    return IN_NEAR if term in unit.near else 0.0


def _choose(ranked: Sequence[_Scored], *, limit: int) -> list[Unit]:
    """The best, then what comes near it and says something else."""
    best = ranked[0]
    chosen = [best.unit]
    for item in ranked[1:40]:
        if len(chosen) == limit or item.score < NEAR_BEST * best.score:
            break
        said = max(containment(item.unit.grams, unit.grams) for unit in chosen)
        listed = any(item.unit.text in unit.items for unit in chosen)
        if said < SAME and not listed:
            chosen.append(item.unit)
    return sorted(chosen, key=lambda unit: (unit.number, unit.order))


def _written(units: Sequence[Unit]) -> Extract:
    blocks = [_block(unit) for unit in units]
    bulleted = len(blocks) > 1
    text = "\n".join(f"- {block}" if bulleted else block for block in blocks)
    return Extract(text, tuple(dict.fromkeys(unit.number for unit in units)), True)


def _block(unit: Unit) -> str:
    """The quotation with its mark, and the list that it leads in."""
    lines = [plain_numbers(unit.text)] + [f"  - {plain_numbers(item)}" for item in unit.items[:MAX_LIST_ITEMS]]
    lines[-1] += f" [{unit.number}]"
    if len(lines) == 1:
        return lines[0]
    lines[0] += f" [{unit.number}]"
    return "\n".join(lines)
