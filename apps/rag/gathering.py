"""The candidates of a question: what each leg of the store found, fused, and confirmed by the database.

Besides the dense and the sparse leg there is an exact one, asked only where the question names something: a
document by its number or title, an article, an amount, a date, a code. Its hits always become candidates, so that
国发〔2024〕3号第十二条 goes straight to its place, however common its other words are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from uuid import UUID

from apps.rag.facets import Facets
from apps.rag.fusion import DENSE_FIRST, Fused, earned, fuse, trust
from apps.rag.interfaces import SparseEncoder, VectorStore
from apps.rag.rerankers.features import Candidate
from apps.rag.types import Chunk, Hit, SearchScope, SparseVector

LEG_LIMITS = (100, 400, 1000)  # hits asked of a leg: more only where the database dropped too many
EXACT_HITS = 10
ADDED_WEIGHT = 0.5  # of terms that the question means but does not spell, beside 1 for those it does
OFFICIAL_WEIGHT = 0.7  # of the official words for everyday ones

Load = Callable[[list[Hit]], dict[UUID, Chunk]]
Locate = Callable[[Facets], frozenset[UUID]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the legs take it. `dense` is None where that leg is not asked; `located` are the documents
    that the question names."""

    text: str
    language: str
    dense: list[float] | None
    weights: Mapping[str, float]
    warnings: tuple[str, ...]
    facets: Facets
    located: frozenset[UUID] = frozenset()


@dataclass(slots=True)
class Gathered:
    """`legs`: hits of each asked leg, best first; `fused`: all of them in one order; `candidates`: the confirmed
    ones from the top; `weights`: what each leg counted; `unconfirmed`, `beyond`: how many the database did not know,
    and were too many to rerank."""

    legs: dict[str, list[Hit]] = field(default_factory=dict)
    asked: int = 0
    fused: list[Fused] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    weights: Mapping[str, float] = field(default_factory=dict)
    unconfirmed: int = 0
    beyond: int = 0


class Legs:
    """The legs of one search within a scope, and what the database confirmed of their hits."""

    def __init__(
        self,
        scope: SearchScope,
        *,
        store: VectorStore,
        sparse: SparseEncoder,
        load: Load,
        timed: Callable[[str], AbstractContextManager[None]] = lambda stage: nullcontext(),
    ) -> None:
        self.scope, self.store, self.sparse, self.load, self.timed = scope, store, sparse, load, timed
        self.confirmed: dict[UUID, Chunk] = {}
        self.loaded: set[UUID] = set()
        self._ahead: list[Hit] | None = None
        self._exact: list[Hit] | None = None

    def look_ahead(self, question: Asked, *, wanted: int) -> None:
        """Ask what needs no dense vector while that is being made, and load the best of it."""
        with self.timed("search"):
            self._ahead = self._by_words(question, limit=LEG_LIMITS[0])
            hits = [*self.exact(question), *self._ahead]
        self.confirm([Fused(hit, hit.score, {}) for hit in hits], wanted=wanted)

    def ask(self, question: Asked, *, limit: int) -> dict[str, list[Hit]]:
        legs: dict[str, list[Hit]] = {}
        if question.weights.get("sparse"):
            known, self._ahead = self._ahead, None
            legs["sparse"] = known if known is not None else self._by_words(question, limit=limit)
        if question.dense is not None:
            legs["dense"] = self.store.search_dense(question.dense, self.scope, limit=_dense_limit(limit))
        return legs

    def exact(self, question: Asked) -> list[Hit]:
        if self._exact is None:
            self._exact = _exact(question, self.scope, store=self.store, sparse=self.sparse)
        return self._exact if question.weights.get("sparse") else []

    def confirm(self, fused: Sequence[Fused], *, wanted: int) -> None:
        """Load the first hits until `wanted` of them are confirmed; each hit is asked for once."""
        while pending := self._unknown(fused, wanted=wanted):
            self.loaded.update(hit.chunk_id for hit in pending)
            with self.timed("load"):
                found = self.load(pending)
            self.confirmed.update(
                {hit.chunk_id: found[hit.chunk_id] for hit in pending if hit.chunk_id in found}
            )

    def _unknown(self, fused: Sequence[Fused], *, wanted: int) -> list[Hit]:
        pending: list[Hit] = []
        known = 0
        for one in fused:
            if known + len(pending) >= wanted:
                break
            if one.hit.chunk_id in self.confirmed:
                known += 1
            elif one.hit.chunk_id not in self.loaded:
                pending.append(one.hit)
        return pending

    def _by_words(self, question: Asked, *, limit: int) -> list[Hit]:
        return self.store.search_sparse(query_vector(question, self.sparse), self.scope, limit=limit)


def gather(question: Asked, legs: Legs, *, wanted: int, least: int) -> Gathered:
    """At most `wanted` candidates. Asks the legs for more where fewer than `least` are confirmed: an index may
    hold points of deleted, moved or replaced documents that nobody may see."""
    found = Gathered()
    for limit in LEG_LIMITS:
        with legs.timed("search"):
            found.legs, found.asked = legs.ask(question, limit=limit), limit
            exact = legs.exact(question)
            told = trust(found.legs)
            found.weights = earned(question.weights, told)
            found.fused = _with_exact(fuse(found.legs, found.weights), exact)
            if exact:
                found.legs["exact"] = exact
        legs.confirm(found.fused, wanted=wanted)
        if len(legs.confirmed) >= least or not _more(found.legs, limit):
            break
    shown = [one for one in found.fused if one.hit.chunk_id in legs.confirmed]
    found.unconfirmed = len(legs.loaded) - len(legs.confirmed)
    found.beyond = len(found.fused) - len(legs.loaded)
    found.candidates = _candidates(shown[:wanted], legs.confirmed, told=told)
    return found


def _more(legs: Mapping[str, Sequence[Hit]], limit: int) -> bool:
    """Whether some leg gave all that it was asked for, and so may have more."""
    return any(
        len(hits) >= (_dense_limit(limit) if name == "dense" else limit) for name, hits in legs.items()
    )


def _dense_limit(limit: int) -> int:
    return min(limit, DENSE_FIRST) if limit == LEG_LIMITS[0] else limit


def query_vector(question: Asked, sparse: SparseEncoder) -> SparseVector:
    """The question's terms, and with less weight those that its facets add."""
    spelled = sparse.encode_query(question.text)
    encode = getattr(sparse, "encode_terms", None)
    added, official = question.facets.added_terms, question.facets.official_terms
    if encode is None or not (added or official) or not spelled.indices:
        return spelled
    weights = dict.fromkeys(encode(official).indices, OFFICIAL_WEIGHT)
    weights.update(dict.fromkeys(encode(added).indices, ADDED_WEIGHT))
    weights.update(zip(spelled.indices, spelled.values, strict=True))
    ordered = sorted(weights.items())
    return SparseVector(tuple(index for index, _ in ordered), tuple(value for _, value in ordered))


def _exact(question: Asked, scope: SearchScope, *, store: VectorStore, sparse: SparseEncoder) -> list[Hit]:
    """Within the documents that the question names: by all of its terms, its articles first by their rarity.
    Elsewhere by its references alone."""
    encode = getattr(sparse, "encode_terms", None)
    if encode is None or not question.weights.get("sparse"):
        return []
    facets = question.facets
    if question.located:
        ids = question.located if scope.document_ids is None else question.located & scope.document_ids
        terms = encode(facets.articles) if facets.articles else sparse.encode_query(question.text)
        return store.search_sparse(terms, replace(scope, document_ids=ids), limit=EXACT_HITS)
    if not facets.references:
        return []
    return store.search_sparse(encode(facets.references), scope, limit=EXACT_HITS)


def _with_exact(fused: list[Fused], exact: Sequence[Hit]) -> list[Fused]:
    """The exact leg's hits first, so that they are loaded; their fused score stays what the others gave."""
    if not exact:
        return fused
    known = {one.hit.chunk_id: one for one in fused}
    first = [known.get(hit.chunk_id) or Fused(hit, 0.0, {}) for hit in exact]
    named = {one.hit.chunk_id for one in first}
    return [*first, *(one for one in fused if one.hit.chunk_id not in named)]


def _candidates(shown: Sequence[Fused], confirmed: Mapping[UUID, Chunk], *, told: float) -> list[Candidate]:
    by_score = sorted(shown, key=lambda one: -one.score)  # stable; exact hits stood first only to be loaded
    return [
        Candidate(confirmed[one.hit.chunk_id], place, one.score, one.shares, told)
        for place, one in enumerate(by_score)
    ]
