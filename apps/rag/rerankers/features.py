"""What tells a passage that answers from one that merely mentions: numbers for the learned reranker.

All are in 0–1; `coverage` and `window` are shares of the best candidate's, `covered` and `together` of the question itself, so
that little counts where nothing holds much of it. `rules` says of a question that its candidates are rules of the state (norms.py). Weights of terms are IDF over the candidates, so that nothing of the collection has to be known;
a term that no candidate holds weighs most and counts as missing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from apps.rag.rerankers import rules
from apps.rag.rerankers.lexical import (
    Spots,
    best_window,
    cached_fold,
    exact_share,
    rarity,
    spots_in,
    wanted_terms,
)
from apps.rag.rerankers.norms import bare, ranks
from apps.rag.sparse import fold
from apps.rag.types import Chunk

MAX_PASSAGE = 4000  # characters that are read
FOLLOWS = 12  # characters within which the question's next term keeps its order
LONG = 900  # characters; a passage of this length is fully "long"
SUPPORTING = 4  # the power of a mate's score: only good mates support
NAMES = (
    "fused", "sparse", "dense", "no_dense", "first", "coverage", "window", "order", "title", "headings", "exact",
    "short", "long", "support", "window_long", "coverage_short", "dense_coverage", "covered", "together", "trust",
    "rules", "code", "law", "reading", *rules.NAMES,
)  # fmt: skip

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage before reranking: its place in the fused order from 0, the fused score, each leg's scaled to 0–1.
    `trust`: how far the words of the question can be trusted, as fusion.py reads it; the same for all candidates."""

    chunk: Chunk
    place: int
    fused: float
    legs: Mapping[str, float]
    trust: float = 1.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """A relevance in 0–1, the features behind it, and the shares of the question that the passage holds at all and
    in one place, where the reranker measures them. `standing` is the place beside the best candidate (1) for a
    reranker whose relevances lie too far apart to be added to anything."""

    score: float
    standing: float | None = None
    features: Mapping[str, float] = field(default_factory=dict)
    covered: float | None = None
    together: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """`rows` is candidates × NAMES; `covered` and `together` are the shares of the question's whole weight, missing
    terms included, that each candidate holds at all and within one window."""

    rows: Matrix
    covered: list[float]
    together: list[float]


def measure(query: str, candidates: Sequence[Candidate]) -> Measured:
    """The features of each candidate for this question."""
    question = fold(query)
    wanted = wanted_terms(question)
    texts = [cached_fold(candidate.chunk.text[:MAX_PASSAGE]) for candidate in candidates]
    titles = [cached_fold(candidate.chunk.title) for candidate in candidates]
    heads = [cached_fold(" ".join(candidate.chunk.headings)) for candidate in candidates]
    spotted = spots_in(wanted, texts)
    titled, headed = (_held(wanted, names) for names in (titles, heads))
    held = [
        {number for _, number in (*spots, *title, *head)}
        for spots, title, head in zip(spotted, titled, headed, strict=True)
    ]
    weights = [weight for weight, _ in rarity(len(wanted), held)]
    total = sum(weights) or 1.0
    covered = [sum([weights[number] for number in numbers]) / total for numbers in held]
    together = [best_window(spots, weights) / total for spots in spotted]
    exact = exact_share(question, ["\n".join(parts) for parts in zip(titles, heads, texts, strict=True)])
    own = {
        "covered": covered,
        "together": together,
        "coverage": _of_best(covered),
        "window": _of_best(together),
        "order": _of_best([_in_order(spots, weights) for spots in spotted]),
        "title": [_weight(weights, title) / total for title in titled],
        "headings": [_weight(weights, head) / total for head in headed],
        "exact": exact or [0.0] * len(candidates),
        "short": [math.exp(-len(text) / 80) for text in texts],
        "long": [min(1.0, len(text) / LONG) for text in texts],
    }
    standing = ranks(titles)
    own |= {rank: [float(one == rank) for one in standing] for rank in ("code", "law", "reading")}
    if any(standing):
        own |= {"rules": [1.0] * len(texts), **rules.measured(question, texts, spotted)}
    return Measured(_matrix(candidates, own), covered, together)


def _matrix(candidates: Sequence[Candidate], own: Mapping[str, list[float]]) -> Matrix:
    """Beside its own features each candidate's standing among the others, and the products of some."""
    table = {name: np.asarray(values, dtype=np.float64) for name, values in own.items()}
    table["fused"] = np.array([one.fused for one in candidates])
    for leg in ("sparse", "dense"):
        table[leg] = np.array([one.legs.get(leg, 0.0) for one in candidates])
    table["first"] = np.array([1.0 / (1 + one.place) for one in candidates])
    table["support"] = np.array(_support(candidates))
    has_dense = float(table["dense"].any())
    table["no_dense"] = has_dense * (table["dense"] == 0)
    table["trust"] = np.array([one.trust for one in candidates])
    table["window_long"] = table["window"] * table["long"]
    table["coverage_short"] = table["coverage"] * (1 - table["long"])
    table["dense_coverage"] = table["dense"] * table["coverage"]
    nothing = np.zeros(len(candidates))
    return np.stack([table.get(name, nothing) for name in NAMES], axis=1)


def _held(wanted: Sequence[str], names: Sequence[str]) -> list[Spots]:
    """As spots_in; many candidates share a title, so each is read once."""
    read = dict(zip(distinct := list(dict.fromkeys(names)), spots_in(wanted, distinct), strict=True))
    return [read[name] for name in names]


def _weight(weights: Sequence[float], spots: Spots) -> float:
    return sum([weights[number] for number in {number for _, number in spots}]) if spots else 0.0


def _in_order(spots: Spots, weights: Sequence[float]) -> float:
    """The weight of terms that follow the question's previous one closely, as in the question."""
    latest: dict[int, int] = {}
    kept: set[int] = set()
    for position, number in spots:
        before = latest.get(number - 1)
        if before is not None and position - before <= FOLLOWS:
            kept.add(number)
        latest[number] = position
    return sum(weights[number] for number in kept)


def _support(candidates: Sequence[Candidate]) -> list[float]:
    """How good the other candidates of the same document, or of the same law, are: 0 for a lone one, towards 1 for
    several that stand high."""
    families = [_family(candidate.chunk) for candidate in candidates]
    best = max((candidate.fused for candidate in candidates), default=0.0) or 1.0
    power = [(candidate.fused / best) ** SUPPORTING for candidate in candidates]
    held: dict[object, float] = defaultdict(float)
    for family, value in zip(families, power, strict=True):
        held[family] += value
    return [1 - math.exp(value - held[family]) for family, value in zip(families, power, strict=True)]


def _family(chunk: Chunk) -> object:
    """The document; for the articles of one law filed apart, the law."""
    rule = bare(chunk.title)
    return rule if rule and rule != chunk.title else chunk.document_id


def _of_best(values: list[float]) -> list[float]:
    best = max(values, default=0.0)
    return [value / best for value in values] if best > 0 else values
