"""How well each sentence of the passages answers a question: what the quotations of extractive.py are chosen by."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.rag.figures import figures
from apps.rag.passages import Unit, units_of
from apps.rag.quantities import quantities
from apps.rag.questions import Ask, Kind, Question, Weighted, coverage, holds, weighted, words_of
from apps.rag.types import Source

# What a term of the question is worth where it is found.
IN_ASKED, IN_HEADING, IN_SKIPPED, IN_CONTEXT, IN_NEAR, IN_PASSAGE = 0.95, 0.8, 0.7, 0.65, 0.4, 0.25
RIGHT_KIND, WRONG_KIND = 1.3, 0.95
FITS, MISFITS = 1.4, 0.7  # the case's amount lies in the range of a sentence, or in none of its ranges
SAME_DATE, OTHER_DATE = 1.2, 0.9
PRIOR = 0.75  # how far the score of the retrieval decides
PULL = 0.12  # what the best passage's sentences have for nothing; decides where little is covered
BLEND = 0.5  # of coverage by characters, against that by bigrams
ABSENT = 1.0  # weight of a term that no sentence holds, against that of the rarest
CLAUSE = 3.0  # words: a shorter part of the question says too little of its own
OF_CLAUSE = 0.5  # of the score for a part of the question: its own words, against all of them


@dataclass(frozen=True, slots=True)
class Scored:
    """`score` ranks; `sure`, without the pull of the retrieval, says whether it answers; `coverage` counts the neighbourhood too, `own` only the unit and its headings; `asks` is the score
    for each part of the question."""

    unit: Unit
    score: float
    sure: float
    coverage: float
    own: float
    asks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Parts:
    """The question's slots and those of each ask with their weights; the terms' weights and their sum."""

    whole: Weighted
    asks: list[Weighted]
    weights: Mapping[str, float]
    weight: float


def ranked_units(question: Question, sources: Sequence[Source]) -> list[Scored]:
    units = [
        unit
        for rank, source in enumerate(sources)
        for unit in units_of(source, rank=rank, heads=question.heads)
    ]
    top = max((source.passage.score for source in sources), default=0.0)
    priors = [
        max(0.0, source.passage.score) / top if top > 0 else 1.0 / (1 + rank)
        for rank, source in enumerate(sources)
    ]
    worths = [{term: _worth(term, unit) for term in question.terms} for unit in units]
    weights = _weights(question, worths)
    parts = _Parts(
        weighted(question.slots, weights),
        [weighted(ask.slots, weights) for ask in question.asks],
        weights,
        sum(weights.values()) or 1.0,
    )
    scored = (
        _score(unit, worth, question, parts, prior=priors[unit.rank])
        for unit, worth in zip(units, worths, strict=True)
    )
    return sorted(scored, key=lambda item: -item.score)


def _weights(question: Question, worths: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The rarity of each term among the sentences at hand."""
    counts = {term: sum(worth[term] >= IN_ASKED for worth in worths) for term in question.terms}
    rarest = math.log(1 + len(worths))
    return {
        term: strength * (math.log(1 + len(worths) / counts[term]) if counts[term] else ABSENT * rarest)
        for term, strength in question.terms.items()
    }


def _score(
    unit: Unit, worth: Mapping[str, float], question: Question, parts: _Parts, *, prior: float
) -> Scored:
    covered, own = coverage(parts.whole, worth, near=IN_NEAR)
    score = (
        BLEND * covered
        + (1 - BLEND) * sum(weight * worth[term] for term, weight in parts.weights.items()) / parts.weight
    )
    factor = (1 - PRIOR + PRIOR * prior) * _case(question, unit)
    if len(unit.text) < 6 or (unit.text.endswith(("：", ":")) and not unit.items):
        factor *= 0.6
    kinds = [_kind(ask, unit) for ask in question.asks]
    answering = [
        kind * _of_clause(ask, slots, worth, score)
        for ask, slots, kind in zip(question.asks, parts.asks, kinds, strict=True)
    ]
    asks = tuple(factor * (answer + PULL * kind) for answer, kind in zip(answering, kinds, strict=True))
    return Scored(unit, max(asks), factor * max(answering), covered, own, asks)


def _of_clause(ask: Ask, slots: Weighted, worth: Mapping[str, float], whole: float) -> float:
    share = OF_CLAUSE * min(1.0, words_of(ask.slots) / CLAUSE)
    return (1 - share) * whole + share * coverage(slots, worth, near=IN_NEAR)[0] if share else whole


def _kind(ask: Ask, unit: Unit) -> float:
    if not ask.kinds:
        return 1.0
    right = sum(unit_holds(kind, unit) or title_holds(kind, unit) for kind in ask.kinds) / len(ask.kinds)
    return WRONG_KIND + (RIGHT_KIND - WRONG_KIND) * right


def unit_holds(kind: Kind, unit: Unit) -> bool:
    return holds(kind, unit.text, row=unit.kind == "row")


def title_holds(kind: Kind, unit: Unit) -> bool:
    """Whether the heading says for all items below it what is asked: 三、保管30年."""
    return (
        unit.kind != "sentence" and kind in ("amount", "duration", "time", "date") and holds(kind, unit.title)
    )


def _case(question: Question, unit: Unit) -> float:
    """Whether the unit speaks of the amounts and dates that the question names."""
    factor = 1.0
    if question.quantities:
        named = quantities(unit.text)
        for wanted in question.quantities:
            if wanted.measure == "piece" and wanted.low <= 1:
                continue  # 一个八万块的采购
            same = [one for one in named if one.measure == wanted.measure]
            fit = max((one.fit(wanted) for one in same), default=0.0)
            if fit:
                factor *= 1 + (FITS - 1) * fit * (1.0 if wanted.low > 1 else 0.3)
            elif wanted.low > 1 and any(
                one.is_range for one in same
            ):  # 一天, 一次 are seldom the case's amount
                factor *= MISFITS
    if question.figures.dates:
        dates = figures(unit.text).dates
        if dates:
            missing = question.figures.missing_from(figures(unit.text))
            factor *= OTHER_DATE if missing else SAME_DATE
    return factor


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
