"""Why a document, or one passage of it, was not found: each gate that a passage goes through, in order.

The search is made as the product makes it, with the settings of the cabinet, within the cabinet and the
rights of the person it is asked for. Nothing about other documents is told but how many were better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from apps.accounts.models import User
from apps.cabinets import access, selectors, tuning, validity
from apps.cabinets.models import Chunk, Document
from apps.cabinets.searching import search, search_scope
from apps.rag import components
from apps.rag.fusion import fuse
from apps.rag.retrieval import MAX_LIMIT, RetrievalOptions, RetrievalResult
from apps.rag.types import Hit, SearchScope

DEEP = 1000  # hits of a leg that are looked through
State = Literal["passed", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Gate:
    """One step. `code` names step and outcome (docs/quality.md lists them); `facts` fill its sentence."""

    name: str
    state: State
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LegPlace:
    """Where the best passage stands in one leg: `rank` from 1 within `depth` hits, None beyond; `score` by
    itself, None where the leg finds nothing in the document; `last` the score of the leg's last hit."""

    leg: str
    rank: int | None
    score: float | None
    depth: int
    last: float | None
    chunk_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    document: Document
    gates: tuple[Gate, ...]
    legs: tuple[LegPlace, ...] = ()
    rank: int | None = None  # in the result, from 1
    chunk: Chunk | None = None  # the passage that came nearest
    options: RetrievalOptions = field(default_factory=RetrievalOptions)

    @property
    def stopped_at(self) -> Gate | None:
        return next((gate for gate in self.gates if gate.state == "failed"), None)

    @property
    def found(self) -> bool:
        return self.rank is not None


def diagnose(document: Document, question: str, *, person: User, chunk: Chunk | None = None) -> Diagnosis:
    """Goes on behind a gate that failed as far as that makes sense. Raises Problem for an empty or too long
    question, StoreError when the store is down."""
    scope = selectors.search_scope(person, cabinet_ids=[document.cabinet_id])
    options = tuning.options_for(scope)
    asked = replace(options, limit=min(options.candidates, MAX_LIMIT))
    result = search(person, question, cabinet_ids=[document.cabinet_id], options=asked)
    gates = [_indexed(document), _allowed(document, person), _in_force(document), _enabled(document, chunk)]
    if gates[0].state == "failed":
        return Diagnosis(document, tuple(gates), options=options, chunk=chunk)
    wanted = {chunk.pk} if chunk is not None else None
    legs = _legs(document, question, person=person, options=options, result=result, wanted=wanted)
    gates.append(_matched(legs))
    place = _place(result, document, wanted)
    gates.extend(
        _ranked(document, result, legs, place, wanted=wanted, options=options, person=person, scope=scope)
    )
    rank = place if place is not None and place <= options.limit else None
    nearest = chunk or _nearest(result, legs, place)
    return Diagnosis(document, tuple(gates), legs, rank, nearest, options)


def _indexed(document: Document) -> Gate:
    if document.active_generation is None:
        code = {
            Document.Status.FAILED: "index_failed",
            Document.Status.QUEUED: "index_queued",
            Document.Status.PROCESSING: "index_processing",
        }.get(Document.Status(document.status), "index_missing")
        return Gate("index", "failed", code, {"error": document.error_code})
    points = components.store().count(document.pk, generation=document.active_generation)
    if points == 0:
        return Gate("index", "failed", "index_empty")
    rows = document.chunks.filter(generation=document.active_generation).count()
    if points != rows:
        return Gate("index", "failed", "index_partial", {"points": points, "rows": rows})
    if document.status != Document.Status.READY:
        return Gate("index", "passed", "index_earlier", {"points": points})
    return Gate("index", "passed", "index_ready", {"points": points})


def _allowed(document: Document, person: User) -> Gate:
    if not person.is_active:
        return Gate("access", "failed", "access_inactive", {"person": str(person)})
    if access.visible_documents(person).filter(pk=document.pk).exists():
        return Gate("access", "passed", "access_granted", {"person": str(person)})
    return Gate("access", "failed", "access_denied", {"person": str(person)})


def _in_force(document: Document) -> Gate:
    now = validity.validity_of(document)
    facts = {"effective": document.effective_on, "repealed": document.repealed_on}
    if now in ("repealed", "superseded", "pending"):
        return Gate("validity", "failed", f"validity_{now}", facts)
    return Gate("validity", "passed", "validity_in_force", facts)


def _enabled(document: Document, chunk: Chunk | None) -> Gate:
    served = document.chunks.filter(generation=document.active_generation)
    if chunk is not None:
        if chunk.generation != document.active_generation:
            return Gate("enabled", "failed", "enabled_old")
        state: State = "passed" if chunk.enabled else "failed"
        return Gate(
            "enabled", state, "enabled_on" if chunk.enabled else "enabled_off", {"number": chunk.index + 1}
        )
    off, total = served.filter(enabled=False).count(), served.count()
    if total and off == total:
        return Gate("enabled", "failed", "enabled_none", {"total": total})
    return Gate("enabled", "passed", "enabled_some" if off else "enabled_all", {"off": off, "total": total})


def _legs(
    document: Document,
    question: str,
    *,
    person: User,
    options: RetrievalOptions,
    result: RetrievalResult,
    wanted: set[UUID] | None,
) -> tuple[LegPlace, ...]:
    """The best place in each leg that was asked; looked for deeper where the search did not go so far."""
    alone = SearchScope(cabinet_ids=frozenset([document.cabinet_id]), document_ids=frozenset([document.pk]))
    own = search_scope(person, question, alone, options=replace(options, rerank=False))
    places = []
    for leg, hits in result.legs.items():
        deep = list(hits)
        if _first(deep, document, wanted) is None and len(deep) < DEEP:
            deep = _deeper(leg, question, person, document) or deep
        at = _first(deep, document, wanted)
        mine = [hit for hit in own.legs.get(leg, ()) if wanted is None or hit.chunk_id in wanted]
        best = deep[at] if at is not None else (mine[0] if mine else None)
        places.append(
            LegPlace(
                leg=leg,
                rank=at + 1 if at is not None else None,
                score=best.score if best else None,
                depth=len(deep),
                last=deep[-1].score if deep else None,
                chunk_id=best.chunk_id if best else None,
            )
        )
    return tuple(places)


def _first(hits: Sequence[Hit], document: Document, wanted: set[UUID] | None) -> int | None:
    for place, hit in enumerate(hits):
        if hit.document_id == document.pk and (wanted is None or hit.chunk_id in wanted):
            return place
    return None


def _deeper(leg: str, question: str, person: User, document: Document) -> list[Hit]:
    scope = selectors.search_scope(person, cabinet_ids=[document.cabinet_id])
    store = components.store()
    if leg == "sparse":
        return store.search_sparse(components.sparse().encode_query(question), scope, limit=DEEP)
    if leg == "dense":
        return store.search_dense(components.query_embedder().embed_query(question), scope, limit=DEEP)
    return []


def _matched(legs: Sequence[LegPlace]) -> Gate:
    if not legs:
        return Gate("legs", "unknown", "legs_none")
    if any(place.rank is not None for place in legs):
        return Gate("legs", "passed", "legs_found", {"rank": min(place.rank for place in legs if place.rank)})
    if any(place.score for place in legs):
        return Gate("legs", "failed", "legs_beyond", {"depth": max(place.depth for place in legs)})
    return Gate("legs", "failed", "legs_nothing")


def _place(result: RetrievalResult, document: Document, wanted: set[UUID] | None) -> int | None:
    for place, found in enumerate(result.passages, start=1):
        if found.chunk.document_id == document.pk and (wanted is None or found.chunk.id in wanted):
            return place
    return None


def _ranked(
    document: Document,
    result: RetrievalResult,
    legs: Sequence[LegPlace],
    place: int | None,
    *,
    wanted: set[UUID] | None,
    options: RetrievalOptions,
    person: User,
    scope: SearchScope,
) -> list[Gate]:
    """Whether it was among the candidates, and where the reranker put it."""
    fused = _fused_rank(document, result, wanted=wanted, options=options, person=person, scope=scope)
    facts = {"candidates": options.candidates, "limit": options.limit, "rank": fused}
    if place is None and (fused is None or fused > options.candidates):
        code = "candidates_beyond" if fused else "candidates_absent"
        return [Gate("candidates", "failed", code, facts), Gate("rank", "unknown", "rank_unknown")]
    candidates = Gate("candidates", "passed", "candidates_within", facts)
    if place is not None and place <= options.limit:
        return [candidates, Gate("rank", "passed", "rank_found", {**facts, "rank": place})]
    reranked = options.rerank and any("rerank" in found.scores for found in result.passages)
    pushed = reranked and fused is not None and fused <= options.limit
    code = "rank_reranked" if pushed else "rank_below"
    return [
        candidates,
        Gate("rank", "failed", code, {**facts, "fused": fused, "rank": place or len(result.passages)}),
    ]


def _fused_rank(
    document: Document,
    result: RetrievalResult,
    *,
    wanted: set[UUID] | None,
    options: RetrievalOptions,
    person: User,
    scope: SearchScope,
) -> int | None:
    """The rank before reranking, among what the database confirms for this person."""
    dense = 1.0 if options.mode == "dense" else options.dense_weight
    weights = {"dense": dense, "sparse": 1 - dense} if "dense" in result.legs else {"sparse": 1.0}
    order = fuse(result.legs, {leg: weights.get(leg, 0.0) for leg in result.legs})
    confirmed = selectors.passages_for_hits(person, [one.hit for one in order[:DEEP]], as_of=scope.as_of)
    kept = [one.hit for one in order if one.hit.chunk_id in confirmed]
    at = _first(kept, document, wanted)
    return at + 1 if at is not None else None


def _nearest(result: RetrievalResult, legs: Sequence[LegPlace], place: int | None) -> Chunk | None:
    if place is not None:
        key = result.passages[place - 1].chunk.id
    else:
        ranked = sorted((leg for leg in legs if leg.chunk_id), key=lambda leg: leg.rank or DEEP + 1)
        key = ranked[0].chunk_id if ranked else None
    return Chunk.objects.filter(pk=key).first() if key else None
