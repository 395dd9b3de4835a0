"""From a question and a scope to ranked passages: understanding, legs, fusion, the database's word, reranking.

The store proposes; `load` (the application's join) decides what exists, is enabled, is served and may
be seen at this moment. A leg that cannot read the question's language is not asked at all.
"""

from __future__ import annotations

import logging
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from apps.rag.answerable import judge_answer
from apps.rag.errors import EmbedError
from apps.rag.explaining import explain
from apps.rag.explanation import Answerability, Explanation
from apps.rag.facets import Facets, understand
from apps.rag.gathering import Asked, Gathered, Legs, Load, Locate, gather
from apps.rag.interfaces import Embedder, Reranker, SparseEncoder, VectorStore
from apps.rag.languages import detect
from apps.rag.query_vectors import QueryVector, begin
from apps.rag.ranking import diversify, rank
from apps.rag.types import Hit, ScoredChunk, SearchMode, SearchScope

logger = logging.getLogger(__name__)

MAX_QUERY = 2000  # characters that are encoded
MAX_LIMIT = 50


@dataclass(frozen=True, slots=True)
class RetrievalOptions:
    """`candidates` fused passages are loaded and reranked; `dense_weight` is the share of a competent
    dense leg. `understand`: use what the question says of times, references and kinds (as of the day `today`);
    `diversify`: keep near-duplicates and single documents from filling the list; `explain`: say how it came
    about. Defaults were chosen by benchmarks/eval_sets.py."""

    limit: int = 8
    mode: SearchMode = "hybrid"
    rerank: bool = True
    candidates: int = 50
    dense_weight: float = 0.5
    understand: bool = True
    diversify: bool = True
    explain: bool = False
    today: date | None = None

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
    `warnings`: codes of what was done without (dense_incompetent, or a code of EmbedError, RerankError).
    `answerable`: whether the passages seem to hold an answer; None where there was nothing to judge by."""

    passages: tuple[ScoredChunk, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    legs: Mapping[str, tuple[Hit, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    language: str = ""
    facets: Facets = field(default_factory=Facets)
    answerable: Answerability | None = None
    explanation: Explanation | None = None


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


def retrieve(
    query: str,
    scope: SearchScope,
    *,
    store: VectorStore,
    embedder: Embedder,
    sparse: SparseEncoder,
    reranker: Reranker | None,
    load: Load,
    locate: Locate | None = None,
    options: RetrievalOptions | None = None,
    vector: QueryVector | None = None,
) -> RetrievalResult:
    """Passages for a question, best first. Nothing for an empty scope or a question without a word.
    `locate` names the visible documents that a question's facets name; `vector` was begun before by `vector_of`.

    A failing embedder or reranker is done without, and named in `warnings`. Raises StoreError."""
    options = options or RetrievalOptions()
    clock = _Clock()
    text = clean_query(query)
    if scope.is_empty or not any(char.isalnum() for char in text):
        return RetrievalResult(timings_ms=clock.timings())
    if vector is None or not _asks_dense(options):
        vector = vector_of(text, embedder=embedder, options=options)
    question = _words(text, locate=locate, options=options, clock=clock)
    legs = Legs(scope, store=store, sparse=sparse, load=load, timed=clock.measure)
    if vector is not None and vector.pending and options.mode == "hybrid" and options.dense_weight < 1:
        legs.look_ahead(question, wanted=options.candidates // 2)
    question = _with_vector(question, vector, options=options, clock=clock)
    gathered = gather(question, legs, wanted=options.candidates, least=options.limit)
    return _answer(
        question, gathered, reranker=reranker if options.rerank else None, options=options, clock=clock
    )


def _answer(
    question: Asked,
    gathered: Gathered,
    *,
    reranker: Reranker | None,
    options: RetrievalOptions,
    clock: _Clock,
) -> RetrievalResult:
    with clock.measure("rerank"):
        raw = {one.hit.chunk_id: one.legs for one in gathered.fused}
        ranked, judged, warnings = rank(question, gathered.candidates, raw, reranker=reranker)
        ordered = diversify(ranked, limit=options.limit) if options.diversify else ranked
        answerable = judge_answer(question.text, gathered, judged)
    explanation = (
        explain(question, gathered, ordered, limit=options.limit, reranker=reranker)
        if options.explain
        else None
    )
    return RetrievalResult(
        passages=tuple(one.passage for one in ordered[: options.limit]),
        timings_ms=clock.timings(),
        legs={name: tuple(hits) for name, hits in gathered.legs.items()},
        warnings=question.warnings + warnings,
        language=question.language,
        facets=question.facets,
        answerable=answerable,
        explanation=explanation,
    )


def clean_query(query: str) -> str:
    """Without control and format characters, white space collapsed, at most MAX_QUERY characters."""
    kept = (
        " " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char
        for char in query[: MAX_QUERY * 2]
    )
    return " ".join("".join(kept).split())[:MAX_QUERY]


def vector_of(text: str, *, embedder: Embedder, options: RetrievalOptions) -> QueryVector | None:
    """Begin the dense vector of a question; None where that leg is not asked."""
    if not _asks_dense(options):
        return None
    text = clean_query(text)
    return begin(text, detect(text), embedder=embedder)


def _asks_dense(options: RetrievalOptions) -> bool:
    return options.mode == "dense" or (options.mode == "hybrid" and options.dense_weight > 0)


def understood(
    text: str, *, embedder: Embedder, options: RetrievalOptions, locate: Locate | None = None
) -> Asked:
    """What the question says, its language, the dense vector where it is of use, and what each leg counts."""
    clock = _Clock()
    vector = vector_of(text, embedder=embedder, options=options)
    words = _words(text, locate=locate, options=options, clock=clock)
    return _with_vector(words, vector, options=options, clock=clock)


def _words(text: str, *, locate: Locate | None, options: RetrievalOptions, clock: _Clock) -> Asked:
    """The question as far as its words go."""
    facets = understand(text, today=options.today or date.today()) if options.understand else Facets()
    located: frozenset[UUID] = frozenset()
    if locate is not None and (facets.numbers or facets.names):
        with clock.measure("load"):
            located = locate(facets)
    return Asked(text, detect(text), None, {"sparse": 1.0}, (), facets, located)


def _with_vector(
    words: Asked, vector: QueryVector | None, *, options: RetrievalOptions, clock: _Clock
) -> Asked:
    if vector is None:
        return words
    if vector.made is None:
        return replace(words, warnings=("dense_incompetent",)) if options.mode == "dense" else words
    try:
        with clock.measure("embed"):
            dense = vector.wait()
    except EmbedError as error:
        logger.warning("Searching without the dense leg: %s", error.detail)
        return replace(words, warnings=(error.code,))
    weight = 1.0 if options.mode == "dense" else options.dense_weight
    return replace(words, dense=dense, weights={"dense": weight, "sparse": 1.0 - weight})
