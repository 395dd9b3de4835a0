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
from apps.rag.sentences import containment, is_cjk
from apps.rag.types import Source

MAX_SOURCES = 8
MAX_LIST_ITEMS = 12
# The share of the question that the best sentence must cover: of two or three words nearly all, of a long
# and colloquial question less, since much of it only tells the story.
COVERED_SHORT, COVERED_LONG = 0.57, 0.4
SHORT, LONG = 3.0, 10.0  # words; a Chinese character counts half
NEAREST = 0.22  # below it, not even "what comes nearest" is shown
NEAREST_SENTENCES = 3
NEAR_BEST = 0.75  # of the best score: what else is worth quoting
SAME = 0.75  # shared terms: it was said already

# What a term of the question is worth where it is found.
IN_ASKED, IN_SKIPPED, IN_CONTEXT, IN_NEAR, IN_PASSAGE = 0.95, 0.7, 0.6, 0.4, 0.25
RIGHT_KIND, WRONG_KIND = 1.3, 0.85
PER_RANK = 0.04  # a lower source needs to be this much better
BLEND = 0.5  # of coverage by characters, against that by bigrams
ABSENT = 0.7  # weight of a term that no sentence holds, against that of the rarest

CLOSEST = {
    "zh": "资料中没有找到直接的回答，最接近的内容是：",
    "en": "No direct answer was found in the documents. What comes closest:",
}


@dataclass(frozen=True, slots=True)
class Extract:
    """`text` is Markdown with canonical [n] marks; `numbers` are the cited sources in order. With
    `found` False the text says so in one plain sentence, followed, where something comes near, by
    what comes closest, cited; else `numbers` is empty."""

    text: str
    numbers: tuple[int, ...]
    found: bool


@dataclass(frozen=True, slots=True)
class _Scored:
    """`coverage` counts the neighbourhood too, `own` only the unit and its headings."""

    unit: Unit
    score: float
    coverage: float
    own: float


def extract_answer(query: str, sources: Sequence[Source], *, max_sentences: int = 4) -> Extract:
    """The best sentences of the first MAX_SOURCES sources, each quoted verbatim and followed by its [n], in
    reading order. Raises ValueError if `max_sentences` is not positive."""
    if max_sentences < 1:
        raise ValueError("max_sentences must be positive")
    language = "zh" if detect(query) == "zh" else "en"
    question = read_question(query)
    units = [unit for rank, source in enumerate(sources[:MAX_SOURCES]) for unit in units_of(source, rank=rank)]
    weights = _weights(question, units)
    ranked = sorted((_score(unit, question, weights) for unit in units), key=lambda item: -item.score)
    if not ranked or ranked[0].coverage < NEAREST:
        return Extract(NOT_FOUND[language], (), False)
    found = ranked[0].coverage >= _enough(question)
    limit = max_sentences if found else min(max_sentences, NEAREST_SENTENCES)
    chosen = _choose(ranked, limit=limit)
    lead = "" if found else CLOSEST[language]
    return Extract(_written(chosen, lead=lead), tuple(dict.fromkeys(unit.number for unit in chosen)), found)


def _enough(question: Question) -> float:
    """The coverage from which on a question of this length counts as answered."""
    words = sum(0.5 if is_cjk(slot[0]) else 1.0 for slot in question.slots)
    share = min(1.0, max(0.0, (words - SHORT) / (LONG - SHORT)))
    return COVERED_SHORT + (COVERED_LONG - COVERED_SHORT) * share


def _weights(question: Question, units: Sequence[Unit]) -> dict[str, float]:
    """The rarity of each term among the sentences at hand."""
    counts = Counter(term for unit in units for term in question.terms & (unit.grams | unit.asked))
    rarest = math.log(1 + len(units))
    return {term: math.log(1 + len(units) / counts[term]) if counts[term] else ABSENT * rarest for term in question.terms}


def _score(unit: Unit, question: Question, weights: Mapping[str, float]) -> _Scored:
    worth = {term: _worth(term, unit) for term in weights}
    covered = _coverage(question, weights, worth)
    score = BLEND * covered + (1 - BLEND) * sum(weights[term] * worth[term] for term in weights) / (sum(weights.values()) or 1.0)
    if question.kinds:
        score *= RIGHT_KIND if any(holds(kind, unit.text) for kind in question.kinds) else WRONG_KIND
    if len(unit.text) < 6 or (unit.text.endswith(("：", ":")) and not unit.items):
        score *= 0.6
    itself = {term: value if value > IN_NEAR else 0.0 for term, value in worth.items()}
    return _Scored(unit, score * (1 - PER_RANK * unit.rank), covered, _coverage(question, weights, itself))


def _coverage(question: Question, weights: Mapping[str, float], worth: Mapping[str, float]) -> float:
    """The weighted share of the question's characters and words that are found, in 0–1."""
    total = found = 0.0
    for slot in question.slots:
        weight = min(weights[term] for term in slot)
        total += weight
        found += weight * max(worth[term] for term in slot)
    return found / total if total else 0.0


def _worth(term: str, unit: Unit) -> float:
    if term in unit.grams:
        return 1.0
    if term in unit.asked:
        return IN_ASKED
    if term in unit.skips:
        return IN_SKIPPED
    if term in unit.context:
        return IN_CONTEXT
    if term in unit.near:
        return IN_NEAR
    return IN_PASSAGE if term in unit.around else 0.0


def _choose(ranked: Sequence[_Scored], *, limit: int) -> list[Unit]:
    """The best, then what comes near it and says something else."""
    best = ranked[0]
    chosen = [best.unit]
    for item in ranked[1:40]:
        if len(chosen) == limit or item.score < NEAR_BEST * best.score:
            break
        said = max(containment(item.unit.grams, unit.grams) for unit in chosen)
        listed = any(item.unit.text in unit.items for unit in chosen)
        if said < SAME and not listed and item.own >= NEAR_BEST * best.own:
            chosen.append(item.unit)
    return sorted(chosen, key=lambda unit: (unit.number, unit.order))


def _written(units: Sequence[Unit], *, lead: str) -> str:
    blocks = [_block(unit) for unit in units]
    if len(blocks) == 1 and not lead:
        return blocks[0]
    listed = "\n".join(f"- {block}" for block in blocks)
    return f"{lead}\n\n{listed}" if lead else listed


def _block(unit: Unit) -> str:
    """The quotation with its mark, and the list that it leads in."""
    lines = [plain_numbers(unit.text)] + [f"  - {plain_numbers(item)}" for item in unit.items[:MAX_LIST_ITEMS]]
    lines[-1] += f" [{unit.number}]"
    if len(lines) == 1:
        return lines[0]
    lines[0] += f" [{unit.number}]"
    return "\n".join(lines)
