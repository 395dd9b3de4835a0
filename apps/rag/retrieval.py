"""From a question and a scope to ranked passages: legs, fusion, the database's word, reranking.

The store proposes; `load` (the application's join) decides what exists, is enabled, is served and may
be seen at this moment. A leg that cannot read the question's language is not asked at all.
"""

from __future__ import annotations

import logging
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from apps.rag.errors import EmbedError, RerankError
from apps.rag.fusion import Fused, fuse
from apps.rag.indexing import competent
from apps.rag.interfaces import Embedder, Reranker, SparseEncoder, VectorStore
from apps.rag.languages import detect
from apps.rag.rerankers.lexical import cached_fold, exact_share
from apps.rag.sparse import fold
from apps.rag.types import Chunk, Hit, ScoredChunk, SearchMode, SearchScope

logger = logging.getLogger(__name__)

MAX_QUERY = 2000  # characters that are encoded
MAX_LIMIT = 50
MAX_PASSAGE = 4000  # characters that a reranker reads
LEG_LIMITS = (100, 400, 1000)  # hits asked of a leg: more only where the database dropped too many
EXACT_WEIGHT = 0.2  # beside 1 for the rest, and only for a question with references

Load = Callable[[list[Hit]], dict[UUID, Chunk]]


@dataclass(frozen=True, slots=True)
class RetrievalOptions:
    """`candidates` fused passages are loaded and reranked; `dense_weight` is the share of a competent
    dense leg. Defaults were chosen by benchmarks/eval_sets.py."""

    limit: int = 8
    mode: SearchMode = "hybrid"
    rerank: bool = True
    candidates: int = 50
    dense_weight: float = 0.5

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise ValueError(f"A search returns 1 to {MAX_LIMIT} passages, asked for {self.limit}.")
        if not self.limit <= self.candidates <= 100:
            raise ValueError("Candidates are at least the limit and at most 100.")
        if not 0 <= self.dense_weight <= 1:
            raise ValueError("A weight is a share in 0-1.")
        if self.mode not in ("hybrid", "dense", "sparse"):
            raise ValueError(f"The mode is hybrid, dense or sparse, not {self.mode!r}.")


@dataclass(frozen=True, slots=True)
class RetrievalResult:
    """`timings_ms`: embed, search, load, rerank, total. `legs`: what each asked leg found, best first.
    `warnings`: codes of what was done without (dense_incompetent, or a code of EmbedError, RerankError)."""

    passages: tuple[ScoredChunk, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    legs: Mapping[str, tuple[Hit, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    language: str = ""


@dataclass(slots=True)
class _Clock:
    spent: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("embed", "search", "load", "rerank"), 0.0)
    )
    started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.spent[stage] += (time.perf_counter() - begun) * 1000

    def timings(self) -> dict[str, float]:
        return {**self.spent, "total": (time.perf_counter() - self.started) * 1000}


@dataclass(frozen=True, slots=True)
class _Question:
    text: str
    language: str
    dense: list[float] | None
    weights: Mapping[str, float]
    warnings: tuple[str, ...]


def retrieve(
    query: str,
    scope: SearchScope,
    *,
    store: VectorStore,
    embedder: Embedder,
    sparse: SparseEncoder,
    reranker: Reranker | None,
    load: Load,
    options: RetrievalOptions | None = None,
) -> RetrievalResult:
    """Passages for a question, best first. Nothing for an empty scope or a question without a word.

    Raises StoreError; a failing embedder or reranker is only left out, with a warning."""
    options = options or RetrievalOptions()
    clock = _Clock()
    text = clean_query(query)
    if scope.is_empty or not any(char.isalnum() for char in text):
        return RetrievalResult(timings_ms=clock.timings())
    question = _understand(text, embedder=embedder, options=options, clock=clock)
    legs, candidates = _gather(
        question, scope, store=store, sparse=sparse, load=load, options=options, clock=clock
    )
    with clock.measure("rerank"):
        passages, warnings = _rank(question.text, candidates, reranker=reranker if options.rerank else None)
    return RetrievalResult(
        passages=tuple(passages[: options.limit]),
        timings_ms=clock.timings(),
        legs={name: tuple(hits) for name, hits in legs.items()},
        warnings=question.warnings + warnings,
        language=question.language,
    )


def clean_query(query: str) -> str:
    """Without control and format characters, white space collapsed, at most MAX_QUERY characters."""
    kept = (
        " " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char
        for char in query[: MAX_QUERY * 2]
    )
    return " ".join("".join(kept).split())[:MAX_QUERY]


def _understand(text: str, *, embedder: Embedder, options: RetrievalOptions, clock: _Clock) -> _Question:
    """The language, the dense vector where it is of use, and what each leg counts."""
    language = detect(text)
    only_sparse = {"sparse": 1.0}
    if options.mode == "sparse" or (options.mode == "hybrid" and options.dense_weight == 0):
        return _Question(text, language, None, only_sparse, ())
    if not competent(embedder, language):
        warnings = ("dense_incompetent",) if options.mode == "dense" else ()
        return _Question(text, language, None, only_sparse, warnings)
    try:
        with clock.measure("embed"):
            dense = embedder.embed_query(text)
    except EmbedError as error:
        logger.warning("Searching without the dense leg: %s", error.detail)
        return _Question(text, language, None, only_sparse, (error.code,))
    weight = 1.0 if options.mode == "dense" else options.dense_weight
    return _Question(text, language, dense, {"dense": weight, "sparse": 1.0 - weight}, ())


def _gather(
    question: _Question,
    scope: SearchScope,
    *,
    store: VectorStore,
    sparse: SparseEncoder,
    load: Load,
    options: RetrievalOptions,
    clock: _Clock,
) -> tuple[dict[str, list[Hit]], list[tuple[Fused, Chunk]]]:
    """Fused candidates that the database confirms. Asks the legs for more where too few are confirmed:
    an index may hold points of deleted, moved or replaced documents that nobody may see."""
    terms = sparse.encode_query(question.text)
    confirmed: dict[UUID, Chunk] = {}
    asked: set[UUID] = set()
    legs: dict[str, list[Hit]] = {}
    fused: list[Fused] = []
    for limit in LEG_LIMITS:
        with clock.measure("search"):
            legs = {}
            if question.weights.get("sparse"):
                legs["sparse"] = store.search_sparse(terms, scope, limit=limit)
            if question.dense is not None:
                legs["dense"] = store.search_dense(question.dense, scope, limit=limit)
            fused = fuse(legs, question.weights)
        with clock.measure("load"):
            _confirm(fused, confirmed, asked, load=load, wanted=options.candidates)
        exhausted = all(len(hits) < limit for hits in legs.values())
        if exhausted or len(confirmed) >= options.limit:
            break
    candidates = [(one, confirmed[one.hit.chunk_id]) for one in fused if one.hit.chunk_id in confirmed]
    return legs, candidates[: options.candidates]


def _confirm(
    fused: Sequence[Fused], confirmed: dict[UUID, Chunk], asked: set[UUID], *, load: Load, wanted: int
) -> None:
    """Load from the top until enough are confirmed; each hit is asked for once."""
    pending = [one.hit for one in fused if one.hit.chunk_id not in asked]
    while pending and len(confirmed) < wanted:
        batch, pending = pending[:wanted], pending[wanted:]
        asked.update(hit.chunk_id for hit in batch)
        found = load(batch)
        confirmed.update({hit.chunk_id: found[hit.chunk_id] for hit in batch if hit.chunk_id in found})


def _rank(
    query: str, candidates: Sequence[tuple[Fused, Chunk]], *, reranker: Reranker | None
) -> tuple[list[ScoredChunk], tuple[str, ...]]:
    """The final order: fused, blended with the reranker's word and the exact references."""
    if not candidates:
        return [], ()
    texts = [chunk.embedding_text[:MAX_PASSAGE] for _, chunk in candidates]
    relevances, warnings = _relevances(query, texts, reranker=reranker)
    exact = exact_share(fold(query), [cached_fold(text) for text in texts])
    # A model decides alone; the lexical reranker states the share by which it refines.
    blend = getattr(reranker, "blend", 1.0) if relevances is not None else 0.0
    ranked: list[ScoredChunk] = []
    for place, (one, chunk) in enumerate(candidates):
        scores = {**one.legs, "fused": one.score}
        score = one.score
        if relevances is not None:
            scores["rerank"] = relevances[place]
            score = (1 - blend) * score + blend * relevances[place]
        if exact is not None:
            scores["exact"] = exact[place]
            score = (score + EXACT_WEIGHT * exact[place]) / (1 + EXACT_WEIGHT)
        ranked.append(ScoredChunk(chunk, score, scores))
    ranked.sort(key=lambda passage: -passage.score)  # stable: equals keep the fused order
    return ranked, warnings


def _relevances(
    query: str, texts: Sequence[str], *, reranker: Reranker | None
) -> tuple[list[float] | None, tuple[str, ...]]:
    if reranker is None:
        return None, ()
    try:
        return reranker.rerank(query, texts), ()
    except RerankError as error:
        logger.warning("Searching without the reranker: %s", error.detail)
        return None, (error.code,)
