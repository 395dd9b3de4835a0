"""Answers without a model: the sentences of the passages that answer best, quoted and cited.

A sentence is scored by the share of the question's terms that it holds, rarer terms counting more;
terms in its title, headings, lead-in or neighbours count less. What a part of the question asks for (a number, a
date, a person) prefers sentences that hold one, an amount in it those whose range contains it, and
the order of retrieval decides between the rest. Each part of a question gets its own quotation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.rag.figures import figures
from apps.rag.languages import detect
from apps.rag.passages import Unit, units_of
from apps.rag.prompts import NOT_FOUND, plain_numbers
from apps.rag.quantities import quantities
from apps.rag.questions import Ask, Question, Slots, holds, read_question, words_of
from apps.rag.sentences import containment
from apps.rag.types import Source

MAX_SOURCES = 8
MAX_LIST_ITEMS = 12
# The share of the question that the best sentence must cover: of two or three words nearly all, of a long
# and colloquial question less, since much of it only tells the story.
COVERED_SHORT, COVERED_LONG = 0.6, 0.48
SHORT, LONG = 3.0, 10.0  # words; a Chinese character counts half
NEAREST = 0.1  # of the question in the best passage: below it, not even "what comes nearest" is shown
NEAR_BEST = 0.75  # of the best score: what else is worth quoting
BESIDE_FOUND, BESIDE_NEAREST = 0.65, 0.45  # the same in the passage of the best
NEXT = 1.2  # a sentence that follows the best often completes it
NEAR_ASK = 0.5  # of the best score: what is worth quoting for another part of the question
CLAUSE = 3.0  # words: a shorter part of the question says too little of its own
SAME = 0.75  # shared terms: it was said already

# What a term of the question is worth where it is found.
IN_ASKED, IN_HEADING, IN_SKIPPED, IN_CONTEXT, IN_NEAR, IN_PASSAGE = 0.95, 0.8, 0.7, 0.65, 0.4, 0.25
RIGHT_KIND, WRONG_KIND = 1.3, 0.95
FITS, MISFITS = 1.4, 0.7  # the case's amount lies in the range of a sentence, or in none of its ranges
SAME_DATE, OTHER_DATE = 1.2, 0.9
PRIOR = 0.75  # how far the score of the retrieval decides
BLEND = 0.5  # of coverage by characters, against that by bigrams
ABSENT = 1.0  # weight of a term that no sentence holds, against that of the rarest
OF_CLAUSE = 0.5  # of the score for a part of the question: its own words, against all of them

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
    """`coverage` counts the neighbourhood too, `own` only the unit and its headings; `asks` is the score
    for each part of the question."""

    unit: Unit
    score: float
    coverage: float
    own: float
    asks: tuple[float, ...]


def warm() -> None:
    """Build the tables that the first answer of a process would otherwise wait for: folding, stems, patterns."""
    read_question("预热需要几天？")
    stems = "How many days are needed for warming the tables?"
    read_question(stems)


def extract_answer(query: str, sources: Sequence[Source], *, max_sentences: int = 4) -> Extract:
    """The best sentences of the first MAX_SOURCES sources, each quoted verbatim and followed by its [n], in
    reading order. Raises ValueError if `max_sentences` is not positive."""
    if max_sentences < 1:
        raise ValueError("max_sentences must be positive")
    language = "zh" if detect(query) == "zh" else "en"
    question = read_question(query)
    ranked = _ranked(question, sources[:MAX_SOURCES])
    if not ranked or not question.slots or max(item.coverage for item in ranked[:3]) < NEAREST:
        return Extract(NOT_FOUND[language], (), False)
    found = ranked[0].coverage >= _enough(question)
    chosen = _choose(ranked, limit=max_sentences, found=found)
    lead = "" if found else CLOSEST[language]
    return Extract(_written(chosen, lead=lead), tuple(dict.fromkeys(unit.number for unit in chosen)), found)


def _ranked(question: Question, sources: Sequence[Source]) -> list[_Scored]:
    units = [unit for rank, source in enumerate(sources) for unit in units_of(source, rank=rank, heads=question.heads)]
    top = max((source.passage.score for source in sources), default=0.0)
    priors = [max(0.0, source.passage.score) / top if top > 0 else 1.0 / (1 + rank) for rank, source in enumerate(sources)]
    worths = [{term: _worth(term, unit) for term in question.terms} for unit in units]
    weights = _weights(question, worths)
    scored = (_score(unit, worth, question, weights, prior=priors[unit.rank]) for unit, worth in zip(units, worths, strict=True))
    return sorted(scored, key=lambda item: -item.score)


def _enough(question: Question) -> float:
    """The coverage from which on a question of this length counts as answered."""
    share = min(1.0, max(0.0, (question.words - SHORT) / (LONG - SHORT)))
    return COVERED_SHORT + (COVERED_LONG - COVERED_SHORT) * share


def _weights(question: Question, worths: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The rarity of each term among the sentences at hand."""
    counts = {term: sum(worth[term] >= IN_ASKED for worth in worths) for term in question.terms}
    rarest = math.log(1 + len(worths))
    return {term: strength * (math.log(1 + len(worths) / counts[term]) if counts[term] else ABSENT * rarest) for term, strength in question.terms.items()}


def _score(unit: Unit, worth: Mapping[str, float], question: Question, weights: Mapping[str, float], *, prior: float) -> _Scored:
    covered = _coverage(question.slots, weights, worth)
    score = BLEND * covered + (1 - BLEND) * sum(weights[term] * worth[term] for term in weights) / (sum(weights.values()) or 1.0)
    factor = (1 - PRIOR + PRIOR * prior) * _case(question, unit)
    if len(unit.text) < 6 or (unit.text.endswith(("：", ":")) and not unit.items):
        factor *= 0.6
    asks = tuple(factor * _for_ask(ask, unit, worth, weights, score) for ask in question.asks)
    itself = {term: value if value > IN_NEAR else 0.0 for term, value in worth.items()}
    return _Scored(unit, max(asks), covered, _coverage(question.slots, weights, itself), asks)


def _for_ask(ask: Ask, unit: Unit, worth: Mapping[str, float], weights: Mapping[str, float], whole: float) -> float:
    share = OF_CLAUSE * min(1.0, words_of(ask.slots) / CLAUSE)
    score = (1 - share) * whole + share * _coverage(ask.slots, weights, worth)
    if not ask.kinds:
        return score
    right = sum(holds(kind, unit.text, row=unit.kind == "row") for kind in ask.kinds) / len(ask.kinds)
    return score * (WRONG_KIND + (RIGHT_KIND - WRONG_KIND) * right)


def _case(question: Question, unit: Unit) -> float:
    """Whether the unit speaks of the amounts and dates that the question names."""
    factor = 1.0
    if question.quantities:
        named = quantities(unit.text)
        for wanted in question.quantities:
            same = [one for one in named if one.measure == wanted.measure]
            fit = max((one.fit(wanted) for one in same), default=0.0)
            if fit:
                factor *= 1 + (FITS - 1) * fit
            elif any(one.is_range for one in same):
                factor *= MISFITS
    if question.figures.dates:
        dates = figures(unit.text).dates
        if dates:
            missing = question.figures.missing_from(figures(unit.text))
            factor *= OTHER_DATE if missing else SAME_DATE
    return factor


def _coverage(slots: Slots, weights: Mapping[str, float], worth: Mapping[str, float]) -> float:
    """The weighted share of the question's characters and words that are found, in 0–1."""
    total = found = 0.0
    for terms, strength in slots:
        weight = strength * min(weights[term] for term in terms)
        total += weight
        found += weight * max(worth[term] for term in terms)
    return found / total if total else 0.0


def _worth(term: str, unit: Unit) -> float:
    if unit.terms.has(term):
        return 1.0
    if unit.asked.has(term):
        return IN_ASKED
    if any(heading.has(term) for heading in unit.heading):
        return IN_HEADING
    if unit.terms.skips(term):
        return IN_SKIPPED
    if unit.context.has(term):
        return IN_CONTEXT
    if any(near.has(term) for near in unit.near):
        return IN_NEAR
    return IN_PASSAGE if unit.around.has(term) else 0.0


def _choose(ranked: Sequence[_Scored], *, limit: int, found: bool) -> list[Unit]:
    """The best for each part of the question, then what comes near it and says something else: more of its
    own passage, and most where no sentence answers plainly."""
    best = ranked[0]
    chosen = [best]
    for ask in range(len(best.asks)):
        item = max(ranked, key=lambda item: item.asks[ask])
        if len(chosen) < limit and item.asks[ask] >= NEAR_ASK * best.score and _is_new(item, chosen):
            chosen.append(item)
    beside = BESIDE_FOUND if found else BESIDE_NEAREST
    for item in sorted(ranked[1:60], key=lambda item: -_with_neighbours(item, best)):
        if len(chosen) == limit:
            break
        same = item.unit.number == best.unit.number
        near = _with_neighbours(item, best) >= (beside if same else NEAR_BEST) * best.score
        if near and (same or item.own >= NEAR_BEST * best.own) and _is_new(item, chosen):
            chosen.append(item)
    return sorted((item.unit for item in chosen), key=lambda unit: (unit.number, unit.order))


def _with_neighbours(item: _Scored, best: _Scored) -> float:
    """Its score; more where it goes on from the best sentence."""
    follows = item.unit.number == best.unit.number and item.unit.order - best.unit.order in (1, 2) and item.unit.kind == best.unit.kind == "sentence"
    return item.score * (NEXT if follows else 1.0)


def _is_new(item: _Scored, chosen: Sequence[_Scored]) -> bool:
    said = max(containment(item.unit.grams, other.unit.grams) for other in chosen)
    return said < SAME and not any(item.unit.text in other.unit.items for other in chosen)


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
