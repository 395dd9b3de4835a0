"""Why a document, or one passage of it, was not found: each gate that a passage goes through, in order.

The search is made as the product makes it, with the settings of the cabinet, within the cabinet and the
rights of the person it is asked for. Nothing about other documents is told but how many were better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from apps.accounts.models import User
from apps.cabinets import access, selectors, tuning, validity
from apps.cabinets.models import Chunk, Document
from apps.cabinets.searching import search, search_scope
from apps.rag import components
from apps.rag.explanation import PassageReport
from apps.rag.fusion import fuse
from apps.rag.retrieval import RetrievalOptions, RetrievalResult
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
    options = tuning.options_for(scope, asked={"explain": True})
    result = search(person, question, cabinet_ids=[document.cabinet_id], options=options)
    gates = [_indexed(document), _allowed(document, person), _in_force(document), _enabled(document, chunk)]
    if gates[0].state == "failed":
        return Diagnosis(document, tuple(gates), options=options, chunk=chunk)
    sought = _Sought(document, person, question, scope, options, frozenset([chunk.pk]) if chunk else None)
    legs = _legs(sought, result)
    told = result.explanation.passages if result.explanation else ()
    at, report = next(((at, one) for at, one in enumerate(told, start=1) if sought.meets(one)), (0, None))
    gates.append(_matched(legs))
    if report is None:
        gates += _not_among_the_candidates(sought, result)
    else:
        gates += _ranked(sought, told, report, at=at)
    rank = report.rank if report else None
    nearest = chunk or _nearest(report, legs)
    return Diagnosis(document, tuple(gates), legs, rank, nearest, options)


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is looked for, by whom, and how. `chunks` None means any passage of the document."""

    document: Document
    person: User
    question: str
    scope: SearchScope
    options: RetrievalOptions
    chunks: frozenset[UUID] | None

    def meets(self, one: Hit | PassageReport) -> bool:
        return one.document_id == self.document.pk and (self.chunks is None or one.chunk_id in self.chunks)


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
    served = document.chunks.filter(generation=document.active_generation or 0)
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


def _legs(sought: _Sought, result: RetrievalResult) -> tuple[LegPlace, ...]:
    """The best place in each leg that was asked; looked for deeper where the search did not go so far."""
    ids = frozenset([sought.document.pk])
    alone = SearchScope(cabinet_ids=frozenset([sought.document.cabinet_id]), document_ids=ids)
    own = search_scope(sought.person, sought.question, alone, options=sought.options)
    places = []
    for leg, hits in result.legs.items():
        deep = list(hits)
        if not any(map(sought.meets, deep)) and len(deep) < DEEP:
            deep = _deeper(leg, sought) or deep
        at = next((at for at, hit in enumerate(deep, start=1) if sought.meets(hit)), None)
        best = deep[at - 1] if at else next(filter(sought.meets, own.legs.get(leg, ())), None)
        places.append(
            LegPlace(
                leg=leg,
                rank=at,
                score=best.score if best else None,
                depth=len(deep),
                last=deep[-1].score if deep else None,
                chunk_id=best.chunk_id if best else None,
            )
        )
    return tuple(places)


def _deeper(leg: str, sought: _Sought) -> list[Hit]:
    store = components.store()
    if leg == "sparse":
        return store.search_sparse(
            components.sparse().encode_query(sought.question), sought.scope, limit=DEEP
        )
    if leg == "dense":
        vector = components.query_embedder().embed_query(sought.question)
        return store.search_dense(vector, sought.scope, limit=DEEP)
    return []


def _matched(legs: Sequence[LegPlace]) -> Gate:
    if not legs:
        return Gate("legs", "unknown", "legs_none")
    if ranks := [place.rank for place in legs if place.rank is not None]:
        return Gate("legs", "passed", "legs_found", {"rank": min(ranks)})
    if any(place.score for place in legs):
        return Gate("legs", "failed", "legs_beyond", {"depth": max(place.depth for place in legs)})
    return Gate("legs", "failed", "legs_nothing")


def _not_among_the_candidates(sought: _Sought, result: RetrievalResult) -> list[Gate]:
    fused = _fused_rank(sought, result)
    facts = {"candidates": sought.options.candidates, "rank": fused}
    code = "candidates_beyond" if fused and fused > sought.options.candidates else "candidates_absent"
    return [Gate("candidates", "failed", code, facts), Gate("rank", "unknown", "rank_unknown")]


def _fused_rank(sought: _Sought, result: RetrievalResult) -> int | None:
    """The rank before ranking, among what the database confirms for this person."""
    weights = {leg: one.weight for leg, one in result.explanation.legs.items()} if result.explanation else {}
    order = [one.hit for one in fuse(result.legs, weights)][:DEEP]
    confirmed = selectors.passages_for_hits(sought.person, order, as_of=sought.scope.as_of)
    kept = (hit for hit in order if hit.chunk_id in confirmed)
    return next((at for at, hit in enumerate(kept, start=1) if sought.meets(hit)), None)


def _ranked(sought: _Sought, told: Sequence[PassageReport], report: PassageReport, *, at: int) -> list[Gate]:
    """It was a candidate: which place it got, or who put it back."""
    options = sought.options
    fused = report.fused.rank if report.fused else None
    facts: dict[str, object] = {"candidates": options.candidates, "limit": options.limit, "rank": fused}
    gates = [Gate("candidates", "passed", "candidates_within", facts)]
    if report.rank is not None:
        return [*gates, Gate("rank", "passed", "rank_found", {**facts, "rank": report.rank})]
    twin = next((one for one in told if one.chunk_id == report.like), None)
    facts = {
        **facts,
        "rank": at,
        "fused": fused,
        "like": twin.title if twin else "",
        "at": twin.rank if twin else None,
    }
    if report.dropped_by in ("duplicate", "document_cap"):
        return [*gates, Gate("rank", "failed", f"rank_{report.dropped_by}", facts)]
    pushed = report.rerank is not None and fused is not None and fused <= options.limit
    return [*gates, Gate("rank", "failed", "rank_reranked" if pushed else "rank_below", facts)]


def _nearest(report: PassageReport | None, legs: Sequence[LegPlace]) -> Chunk | None:
    ranked = sorted((leg for leg in legs if leg.chunk_id), key=lambda leg: leg.rank or DEEP + 1)
    key = report.chunk_id if report else ranked[0].chunk_id if ranked else None
    return Chunk.objects.filter(pk=key).first() if key else None
