"""Whether the passages that were found hold an answer, so that "not in the documents" can be said.

The score is a logistic of how much of the question's weight, missing terms included, the best passages hold at
all and in one place, and of the dense leg's cosine where there is one. Its coefficients and the threshold are
learned by benchmarks/train_reranker.py from questions whose answers were taken away, and lie in weights.json.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from apps.rag.explanation import Answerability
from apps.rag.gathering import Gathered
from apps.rag.rerankers.features import Judgement
from apps.rag.rerankers.lexical import wanted_terms
from apps.rag.rerankers.weights import weights
from apps.rag.sparse import fold

TOP = 3
LEAST = 0.05  # of the question's weight in one place: below it words do not speak for an answer
SIGNALS = (
    "covered",
    "together",
    "lead",
    "cosine",
    "has_cosine",
    "exact",
    "long",
    "wordy",
    "trust",
    "doubted_cosine",
)
WORDY = 40  # terms of a question that is fully so: the longer it is, the less of it stands in one place


def judge_answer(query: str, gathered: Gathered, judged: Sequence[Judgement]) -> Answerability | None:
    """None where no reranker measured the passages; not answerable where nothing was found."""
    if not gathered.candidates:
        return Answerability(0.0, weights().threshold, False)
    values = signals(query, gathered, judged)
    if values is None:
        return None
    learned = weights()
    total = learned.answer_bias + sum(learned.answer.get(name, 0.0) * values[name] for name in SIGNALS)
    score = 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
    if not values["has_cosine"]:
        score *= min(1.0, values["together"] / LEAST)  # length alone answers nothing
    return Answerability(score, learned.threshold, score >= learned.threshold)


def signals(query: str, gathered: Gathered, judged: Sequence[Judgement]) -> dict[str, float] | None:
    """What the score is made of, each in about 0–1."""
    best = sorted((one for one in judged if one.covered is not None), key=lambda one: -one.score)[:TOP]
    if not best:
        return None
    confirmed = {one.chunk.id for one in gathered.candidates}
    cosines = [hit.score for hit in gathered.legs.get("dense", ()) if hit.chunk_id in confirmed]
    fused = sorted((one.fused for one in gathered.candidates), reverse=True)
    typical = fused[min(len(fused), 10) - 1]
    trust, cosine = gathered.candidates[0].trust, max(cosines, default=0.0)
    return {
        "covered": max(one.covered or 0.0 for one in best),
        "together": max(one.together or 0.0 for one in best),
        "lead": 1 - typical / fused[0] if fused[0] else 0.0,
        "cosine": cosine,
        "has_cosine": float("dense" in gathered.legs),
        "exact": max(one.features.get("exact", 0.0) for one in best),
        "long": best[0].features.get("long", 0.0),
        "wordy": min(1.0, len(wanted_terms(fold(query))) / WORDY),
        "trust": trust,
        "doubted_cosine": (1 - trust) * cosine,
    }
