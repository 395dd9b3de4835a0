"""The final order: the reranker's word, exact references, facets that fit, and variety."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil
from uuid import UUID

from apps.rag.errors import RerankError
from apps.rag.explanation import DroppedBy
from apps.rag.facets import Facets
from apps.rag.gathering import Asked
from apps.rag.interfaces import Reranker
from apps.rag.metadata import kind_of_title
from apps.rag.rerankers.exact import named_in, quoted, references
from apps.rag.rerankers.features import Candidate, Judgement
from apps.rag.rerankers.lexical import cached_fold, exact_share
from apps.rag.sparse import fold
from apps.rag.types import Chunk, ScoredChunk

logger = logging.getLogger(__name__)

MAX_PASSAGE = 4000  # characters that a reranker reads
EXACT_WEIGHT = 0.2  # beside 1 for the rest, and only for a question with references
LOCATED = 1.0  # a chunk of a document that the question names, with the article that it names
PERIOD, ISSUER, KIND = (
    0.05,
    0.03,
    0.02,
)  # for facets that fit; a passage is never hidden for one that does not
SAME = 0.9  # share of common shingles from which two passages are one
SHINGLE = 5  # characters
SAMPLES = (
    10,
    40,
)  # shingles that are looked for before all are compared: few first, since nearly always these tell
MOST_SAMPLES = 0.65  # of them, to be found
SHORTEST = 40  # characters of a passage below which only equal ones are one
DOCUMENT_SHARE = 0.6  # of the list that one document may fill while others have something near as good
NEAR = 0.5  # the share of a score that counts as near as good


@dataclass(slots=True)
class Ranked:
    """A candidate with its final score and what made it."""

    candidate: Candidate
    score: float
    scores: dict[str, float]
    boost: float = 0.0
    features: Mapping[str, float] = field(default_factory=dict)
    dropped_by: DroppedBy | None = None
    like: UUID | None = None

    @property
    def passage(self) -> ScoredChunk:
        return ScoredChunk(self.candidate.chunk, self.score, self.scores)


def rank(
    question: Asked,
    candidates: Sequence[Candidate],
    raw: Mapping[UUID, Mapping[str, float]],
    *,
    reranker: Reranker | None,
) -> tuple[list[Ranked], list[Judgement], tuple[str, ...]]:
    """All candidates, best first. `raw` are the legs' own scores, which the result shows."""
    if not candidates:
        return [], [], ()
    judged, warnings = _judged(question.text, candidates, reranker=reranker)
    # A model decides alone; a lexical reranker states the share by which it refines.
    blend = getattr(reranker, "blend", 1.0) if judged else 0.0
    boosts = _boosts(question, candidates)
    exact = _exact(fold(question.text), candidates, judged)
    ranked = []
    for place, one in enumerate(candidates):
        scores = {**raw.get(one.chunk.id, {}), "fused": one.fused}
        score = one.fused
        if judged:
            scores["rerank"] = judged[place].score
            own = judged[place].standing
            score = (1 - blend) * score + blend * (judged[place].score if own is None else own)
        if exact is not None:
            scores["exact"] = exact[place]
            score = (score + EXACT_WEIGHT * exact[place]) / (1 + EXACT_WEIGHT)
        score = (score + boosts[place]) / (1 + max(boosts))
        ranked.append(Ranked(one, score, scores, boosts[place], judged[place].features if judged else {}))
    ranked.sort(key=lambda one: -one.score)  # stable: equals keep the fused order
    return ranked, judged, warnings


def _exact(question: str, candidates: Sequence[Candidate], judged: Sequence[Judgement]) -> list[float] | None:
    """The share of the question's references that each candidate holds; None for a question without any."""
    if not references(question) and not quoted(question):
        return None
    if judged and "exact" in judged[0].features:
        return [judgement.features["exact"] for judgement in judged]
    return exact_share(question, [cached_fold(one.chunk.embedding_text[:MAX_PASSAGE]) for one in candidates])


def _judged(
    query: str, candidates: Sequence[Candidate], *, reranker: Reranker | None
) -> tuple[list[Judgement], tuple[str, ...]]:
    """A reranker that reads candidates is given them whole, any other their texts."""
    if reranker is None:
        return [], ()
    judge = getattr(reranker, "judge", None)
    if judge is not None:
        return list(judge(query, candidates)), ()
    try:
        relevances = reranker.rerank(query, [one.chunk.embedding_text[:MAX_PASSAGE] for one in candidates])
        return [Judgement(relevance) for relevance in relevances], ()
    except RerankError as error:
        logger.warning("Searching without the reranker: %s", error.detail)
        return [], (error.code,)


def _boosts(question: Asked, candidates: Sequence[Candidate]) -> list[float]:
    facets = question.facets
    if not (facets.periods or facets.issuers or facets.kinds or question.located):
        return [0.0] * len(candidates)
    meant = frozenset(term for period in facets.periods for term in period.terms())
    return [_boost(one.chunk, facets, meant) + _located(one.chunk, question) for one in candidates]


def _boost(chunk: Chunk, facets: Facets, meant: frozenset[str]) -> float:
    text, title = cached_fold(chunk.embedding_text[:MAX_PASSAGE]), cached_fold(chunk.title)
    years = [term for term in meant if term.isdecimal()]
    fits = any(year in text for year in years) or bool(named_in(text, meant.difference(years)))
    boost = PERIOD if fits else 0.0
    boost += ISSUER if any(issuer in text for issuer in facets.issuers) else 0.0
    return boost + (KIND if facets.kinds and kind_of_title(title) in facets.kinds else 0.0)


def _located(chunk: Chunk, question: Asked) -> float:
    if chunk.document_id not in question.located:
        return 0.0
    articles = frozenset(question.facets.articles)
    if not articles:
        return LOCATED / 2
    named = named_in(cached_fold(chunk.embedding_text[:MAX_PASSAGE]), articles)
    return LOCATED * (1 + len(named) / len(articles)) / 2


def diversify(ranked: Sequence[Ranked], *, limit: int) -> list[Ranked]:
    """The list to show first, then the rest. Of passages that say the same the best one is shown, and no document
    fills the list, as long as there is something else near as good; what was put back names by whom."""
    most = max(2, ceil(DOCUMENT_SHARE * limit))
    shown: list[Ranked] = []
    behind: list[Ranked] = []
    held: Counter[UUID] = Counter()
    for one in ranked:
        if len(shown) >= limit:
            break
        twin = next(
            (other for other in shown if alike(one.candidate.chunk.text, other.candidate.chunk.text)), None
        )
        if twin is not None:
            one.dropped_by, one.like = "duplicate", twin.candidate.chunk.id
        elif held[one.candidate.chunk.document_id] >= most:
            one.dropped_by = "document_cap"
        if one.dropped_by is not None:
            behind.append(one)
            continue
        shown.append(one)
        held[one.candidate.chunk.document_id] += 1
    return _refilled(ranked, shown, behind, limit=limit)


def _refilled(
    ranked: Sequence[Ranked], shown: list[Ranked], behind: list[Ranked], *, limit: int
) -> list[Ranked]:
    """Put back those that were dropped for something that is far worse, or for nothing."""
    for one in behind:
        worse = next((other for other in reversed(shown) if other.score < NEAR * one.score), None)
        if one.dropped_by != "document_cap" and len(shown) >= limit:
            continue
        if len(shown) >= limit:
            if worse is None:
                continue
            shown.remove(worse)
        shown.append(one)
        one.dropped_by = one.like = None
    kept = {id(one) for one in shown}
    shown.sort(key=lambda one: -one.score)
    rest = [one for one in ranked if id(one) not in kept]
    for one in rest:
        one.dropped_by = one.dropped_by or "limit"
    return shown + rest


def alike(text: str, other: str) -> bool:
    """Whether two passages say the same but for a few characters."""
    short, long = sorted((len(text), len(other)))
    if short < SHORTEST:
        return text == other
    if short < SAME * long:
        return False
    if not _may_be_alike(text, other):
        return False
    one, two = _shingles(text), _shingles(other)
    return len(one & two) >= SAME * min(len(one), len(two))


def _may_be_alike(text: str, other: str) -> bool:
    """Whether most of some spread samples of one stand in the other: of passages that share nine shingles in ten
    they do, and nearly all others are told apart without making their shingles."""
    folded, among = cached_fold(text[:MAX_PASSAGE]), cached_fold(other[:MAX_PASSAGE])
    return all(_sampled(folded, among, count=count) >= MOST_SAMPLES for count in SAMPLES)


def _sampled(folded: str, among: str, *, count: int) -> float:
    """The share of about so many shingles that the other text holds."""
    starts = range(0, len(folded) - SHINGLE + 1, max(1, len(folded) // count))
    return sum([folded[start : start + SHINGLE] in among for start in starts]) / max(1, len(starts))


@lru_cache(maxsize=512)
def _shingles(text: str) -> frozenset[str]:
    folded = cached_fold(text[:MAX_PASSAGE])
    return frozenset([folded[start : start + SHINGLE] for start in range(len(folded) - SHINGLE + 1)])
