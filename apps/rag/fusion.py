"""Fusing the legs of a search into one order.

Each leg's scores are scaled to 0–1 and added with weights. Reciprocal rank fusion was tried and forgets
how sure a leg was (English recall@1 .750 against .814 here, .851 reranked; the best leg alone .817).
Scaling differs by leg: BM25 has a natural zero, so its scores are shares of the best one, and a leg
where nothing stands out decides little; cosines of one model crowd into a narrow band, so they are
spread between the best hit and the last.

How much a leg counts follows from the question, too: where the asker's words are not the text's, words find what
merely shares them, and the meaning has to decide alone. `trust` reads that from the legs themselves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from apps.rag.rerankers.weights import weights as learned
from apps.rag.types import Hit

FEW_HITS = 20
FIRST = 10  # hits of each leg that are compared
DENSE_FIRST = (
    64  # asked of the dense leg at first: each costs more there, and further down little is to be found
)
SIGNALS = ("narrow", "words_lead", "words_gap", "meaning_lead", "agreement", "meaning", "meant_told")


@dataclass(frozen=True, slots=True)
class Fused:
    """A hit with the fused score in 0–1, and in each leg that found it its raw score and its share of the best."""

    hit: Hit
    score: float
    legs: Mapping[str, float]
    shares: Mapping[str, float] = field(default_factory=dict)


def fuse(legs: Mapping[str, Sequence[Hit]], weights: Mapping[str, float]) -> list[Fused]:
    """Weighted sum of scaled scores, best first; ties by chunk id, so that the order is stable.

    A leg with weight 0 adds nothing, not even candidates."""
    used = {name: hits for name, hits in legs.items() if weights.get(name, 0.0) > 0 and hits}
    total = sum(weights[name] for name in used)
    # One look-up a hit: hashing a UUID is Python code, and this is done for every question.
    found: dict[UUID, tuple[Hit, dict[str, float], dict[str, float]]] = {}
    for name, hits in used.items():
        for hit, share in zip(hits, scaled(name, hits), strict=True):
            _hit, raw, shares = found.setdefault(hit.chunk_id, (hit, {}, {}))
            raw[name], shares[name] = hit.score, share
    parts = {name: weights[name] / total for name in used}
    fused = [
        Fused(hit, sum(parts[name] * share for name, share in shares.items()), raw, shares)
        for hit, raw, shares in found.values()
    ]
    fused.sort(key=lambda one: (-one.score, one.hit.chunk_id.int))
    return fused


def scaled(leg: str, hits: Sequence[Hit]) -> list[float]:
    """The scores of a leg in 0–1; the best hit has 1."""
    if not hits:
        return []
    best = max(hit.score for hit in hits)
    floor = _floor(hits, best) if leg == "dense" else 0.0
    if best <= floor:
        return [1.0 if hit.score == best and best > 0 else 0.0 for hit in hits]
    return [max(hit.score - floor, 0.0) / (best - floor) for hit in hits]


def _floor(hits: Sequence[Hit], best: float) -> float:
    """What counts as "not similar": the last of many hits. A few hits may all be good ones."""
    last = min(hit.score for hit in hits)
    return last if len(hits) >= FEW_HITS else min(last, best / 2)


def trust(legs: Mapping[str, Sequence[Hit]]) -> float:
    """How far the words can be trusted for this question, in 0–1; learned together with the lines of the reranker.
    1 where the dense leg was not asked or found nothing, 0 where no word was found."""
    sparse, dense = legs.get("sparse", ()), legs.get("dense", ())
    if not dense:
        return 1.0
    if not sparse:
        return 0.0
    known = learned()
    values = signals(sparse, dense)
    total = known.trust_bias + sum(known.trust.get(name, 0.0) * values[name] for name in SIGNALS)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def signals(sparse: Sequence[Hit], dense: Sequence[Hit]) -> dict[str, float]:
    """What trust is made of, each in about 0–1: whether the dense leg saw all there is, how far the best hit of each leg
    stands above its tenth (or last) and that of the words above its second, how many of the first ten are the same, how
    near the best meaning is (a cosine), and what the words say of that hit."""
    shares = {hit.chunk_id: share for hit, share in zip(sparse, scaled("sparse", sparse), strict=True)}
    first = {hit.chunk_id for hit in dense[:FIRST]}
    return {
        "narrow": float(len(dense) < DENSE_FIRST),
        "words_lead": 1 - shares[sparse[:FIRST][-1].chunk_id],
        "words_gap": 1 - shares[sparse[1].chunk_id] if len(sparse) > 1 else 1.0,
        "meaning_lead": dense[0].score - dense[:FIRST][-1].score,
        "agreement": sum(hit.chunk_id in first for hit in sparse[:FIRST]) / FIRST,
        "meaning": dense[0].score,
        "meant_told": shares.get(dense[0].chunk_id, 0.0),
    }


def earned(weights: Mapping[str, float], told: float) -> dict[str, float]:
    """The weights of the legs for a question whose words are trusted so far; they stay what they were at a half."""
    parts = {"sparse": 2 * told, "dense": 2 * (1 - told)}
    if len([name for name in parts if weights.get(name, 0.0) > 0]) < len(parts):
        return dict(weights)
    return {name: weight * parts.get(name, 1.0) for name, weight in weights.items()}
