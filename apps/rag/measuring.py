"""Figures of a search from what it found for questions with known answers."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

CUTOFF = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """`found` are names, best first; `wanted` those that are right, empty for a question that has no answer here.
    `answerable` is the search's own verdict, None where it gave none."""

    language: str
    found: Sequence[str]
    wanted: Collection[str]
    answerable: bool | None = None
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the questions that have an answer, in 0–1: the share of right ones among the first 1 and 10, the
    reciprocal of the first right place, discounted gain. Refusing: of what was refused the share that had no answer,
    of what had none the share that was refused; None where the search gave no verdict or nothing was to refuse."""

    questions: int
    unanswerable: int
    recall_1: float
    recall_10: float
    mrr_10: float
    ndcg_10: float
    refusal_precision: float | None
    refusal_recall: float | None
    median_ms: float


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """Raises ValueError without outcomes."""
    if not outcomes:
        raise ValueError("There is nothing to measure: no question was asked.")
    asked = [one for one in outcomes if one.wanted]
    count = max(1, len(asked))
    precision, recall = _refusal(outcomes)
    return Figures(
        questions=len(asked),
        unanswerable=len(outcomes) - len(asked),
        recall_1=sum(_recall(one, 1) for one in asked) / count,
        recall_10=sum(_recall(one, CUTOFF) for one in asked) / count,
        mrr_10=sum(_reciprocal(one) for one in asked) / count,
        ndcg_10=sum(_gain(one) for one in asked) / count,
        refusal_precision=precision,
        refusal_recall=recall,
        median_ms=median(one.milliseconds for one in outcomes),
    )


def by_language(outcomes: Sequence[Outcome]) -> Mapping[str, Figures]:
    """The figures of each language that a question is in."""
    languages = sorted({one.language for one in outcomes})
    return {name: figures([one for one in outcomes if one.language == name]) for name in languages}


def _recall(one: Outcome, cutoff: int) -> float:
    return len(set(one.wanted) & set(one.found[:cutoff])) / len(one.wanted)


def _reciprocal(one: Outcome) -> float:
    places = (place for place, name in enumerate(one.found[:CUTOFF], start=1) if name in one.wanted)
    return 1 / next(places, math.inf)


def _gain(one: Outcome) -> float:
    distinct = list(dict.fromkeys(one.found))[:CUTOFF]
    gain = sum(1 / math.log2(place + 1) for place, name in enumerate(distinct, start=1) if name in one.wanted)
    return gain / sum(1 / math.log2(place + 1) for place in range(1, min(len(one.wanted), CUTOFF) + 1))


def _refusal(outcomes: Sequence[Outcome]) -> tuple[float | None, float | None]:
    judged = [one for one in outcomes if one.answerable is not None]
    refused = [one for one in judged if not one.answerable]
    without = [one for one in judged if not one.wanted]
    right = sum(not one.wanted for one in refused)
    return (right / len(refused) if refused else None), (right / len(without) if without else None)
