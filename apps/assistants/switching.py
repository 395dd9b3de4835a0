"""Taking another embedder or reranker into use, and going back.

An embedder means a new index, built beside the one that serves; a reranker acts on the next search. Questions
with known answers, where there are any, are asked before and after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.assistants.library import Entry, entry_of, model_of, reranker_in_use, spec_of
from apps.cabinets.comparing import Measured, known_questions, measure
from apps.cabinets.models import RerankerChoice, SearchIndex
from apps.cabinets.services.reindexing import index_build, index_undo
from apps.cabinets.serving import chosen_reranker
from apps.core.problems import Problem
from apps.rag import components
from apps.rag.components import Index
from apps.rag.models.catalogue import Kind
from apps.rag.models.errors import ModelFileError

Progress = Callable[[int, int, str], None]  # done, of, stage
TRIAL = "试一试 a trial"


@dataclass(frozen=True, slots=True)
class Switch:
    """`before` and `after` are None without questions to ask."""

    kind: Kind
    model: str
    before: Measured | None = None
    after: Measured | None = None

    def as_json(self) -> dict[str, Any]:
        told = {
            name: one.as_json() if one else None
            for name, one in (("before", self.before), ("after", self.after))
        }
        return {"kind": self.kind, "model": self.model, **told}


def model_use(name: str, *, by: User | None, on_progress: Progress) -> Switch:
    """Raises ModelFileError for a model that is not here or does not run, RagError of store and embedder."""
    entry = entry_of(name)
    if entry.in_use:
        raise ModelFileError(f"{entry.name} is in use already.", code="model_exists")
    spec = spec_of(entry)
    on_progress(0, 1, "trial")
    _try(entry, spec)
    switch = (
        _use_reranker(spec, on_progress) if entry.kind == "reranker" else _use_embedder(spec, on_progress)
    )
    _record(by, "model.use", switch)
    return switch


def model_undo(kind: Kind, *, by: User | None, on_progress: Progress) -> Switch:
    """Back to what was in use before. Raises Problem 409 when there was nothing."""
    if kind == "reranker":
        with transaction.atomic():
            last = RerankerChoice.objects.select_for_update().order_by("-pk").first()
            if last is None:
                raise Problem(409, "No other reranker was in use before.", code="no_former_reranker")
            last.delete()
        switch = Switch(kind, model_of(reranker_in_use()))
    else:
        row = index_undo(on_progress=lambda done, total: on_progress(done, total, "index"))
        switch = Switch(kind, model_of(row.embedder))
    _record(by, "model.undo", switch)
    return switch


def can_undo(kind: Kind) -> bool:
    if kind == "reranker":
        return RerankerChoice.objects.exists()
    return SearchIndex.objects.filter(state=SearchIndex.State.FORMER).exists()


def _record(by: User | None, action: str, switch: Switch) -> None:
    cache.delete("needs-chinese-model")
    audit_record(by, action=action, detail=switch.as_json())


def _try(entry: Entry, spec: dict[str, Any]) -> None:
    """Load it once and ask it something, before anything depends on it. Raises RagError."""
    connection.close()
    if entry.kind == "reranker":
        reranker = components.build_reranker(Index(reranker=spec), quiet=True)
        try:
            reranker.rerank(TRIAL, [TRIAL, "other"])
        finally:
            _close(reranker)
    else:
        embedder = components.build_embedder(Index("", spec))
        try:
            embedder.embed_query(TRIAL)
        finally:
            _close(embedder)


def _use_embedder(spec: dict[str, Any], on_progress: Progress) -> Switch:
    questions = known_questions()
    before = _measure_now(on_progress) if questions else None
    found: list[Measured | None] = []

    def look(store: Any, embedder: Any) -> None:
        on_progress(0, 1, "questions")
        found.append(measure(questions, store=store, embedder=embedder, reranker=components.reranker()))

    row = index_build(
        embedder=spec,
        before_switch=look if questions else None,
        on_progress=lambda done, total: on_progress(done, total, "index"),
    )
    return Switch("embedder", model_of(row.embedder), before, found[0] if found else None)


def _use_reranker(spec: dict[str, Any], on_progress: Progress) -> Switch:
    before = _measure_now(on_progress)
    configured = components.configured("RERANKER")
    RerankerChoice.objects.create(reranker=spec, chosen_over=configured)
    chosen = components.build_reranker(Index(reranker=chosen_reranker()), quiet=True)
    try:
        return Switch("reranker", model_of(spec), before, _measure_now(on_progress, reranker=chosen))
    finally:
        _close(chosen)


def _measure_now(on_progress: Progress, *, reranker: Any = None) -> Measured | None:
    """The questions asked of the index that serves."""
    questions = known_questions()
    if not questions:
        return None
    on_progress(0, 1, "questions")
    return measure(
        questions,
        store=components.store(),
        embedder=components.query_embedder(),
        reranker=reranker or components.reranker(),
    )


def _close(part: Any) -> None:
    if hasattr(part, "close"):
        part.close()
