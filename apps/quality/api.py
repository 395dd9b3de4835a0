"""REST: search."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from apps.accounts.auth import act_for, require_scope
from apps.accounts.models import ApiKey
from apps.cabinets.searching import location, passage_url, search
from apps.core.api import json_answer
from apps.core.problems import Problem, invalid
from apps.quality.explaining import explained
from apps.quality.reasons import reasons
from apps.rag.explanation import Explanation
from apps.rag.types import ScoredChunk

router = Router(tags=["search"])
MAX_IDS = 1000


class SearchIn(Schema):
    query: str = Field(..., max_length=10_000)
    cabinet_ids: list[UUID] | None = Field(None, max_length=MAX_IDS)
    folder_ids: list[UUID] | None = Field(None, max_length=MAX_IDS)
    document_ids: list[UUID] | None = Field(None, max_length=MAX_IDS)
    filters: dict[str, Any] | None = None
    top_k: int = Field(8, ge=1, le=50)
    mode: Literal["hybrid", "dense", "sparse"] = "hybrid"
    rerank: bool = True
    understand: bool = True
    as_of: date | None = None
    explain: bool = False
    on_behalf_of: str | None = Field(None, max_length=150)


class Passage(Schema):
    chunk_id: UUID
    document_id: UUID
    title: str
    text: str
    score: float
    scores: dict[str, float]
    location: dict[str, Any]
    url: str
    why: list[str] | None = Field(None, description="With explain: in plain words, why it was found")


class SearchOut(Schema):
    query: str
    passages: list[Passage]
    timings_ms: dict[str, float]
    warnings: list[str] = []
    answerable: dict[str, Any] | None = None
    explanation: dict[str, Any] | None = None


@router.post("/search", response=SearchOut, summary="Find passages", exclude_none=False)
def search_passages(request: HttpRequest, payload: SearchIn):
    user = require_scope(request, ApiKey.Scope.SEARCH)
    if payload.on_behalf_of:
        key = getattr(request, "auth", None)
        if not isinstance(key, ApiKey):
            raise Problem(403, _("Only a key can act on behalf of others."), code="scope")
        act_for(request, key, payload.on_behalf_of)
        user = request.user  # type: ignore[assignment]
    any_day = _any_day(payload.filters or {})
    result = search(
        user,
        payload.query,
        cabinet_ids=payload.cabinet_ids,
        folder_ids=payload.folder_ids,
        document_ids=payload.document_ids,
        as_of=payload.as_of,
        any_day=any_day,
        asked=_asked(payload),
    )
    # As it is, without a second look by the schema: fifty fields a passage would be checked again.
    return json_answer(
        {
            "query": payload.query,
            "passages": [_passage(found, result.explanation) for found in result.passages],
            "timings_ms": result.timings_ms,
            "warnings": list(result.warnings),
            "answerable": asdict(result.answerable) if result.answerable else None,
            "explanation": explained(result.explanation) if result.explanation else None,
        }
    )


def _asked(payload: SearchIn) -> dict[str, Any]:
    """What the caller named; the rest is as the searched cabinets are set."""
    named = {
        "top_k": "limit",
        "mode": "mode",
        "rerank": "rerank",
        "understand": "understand",
        "explain": "explain",
    }
    return {
        option: getattr(payload, name) for name, option in named.items() if name in payload.model_fields_set
    }


def _any_day(filters: dict[str, Any]) -> bool:
    """The filter `validity`: "in_force" (as it is without it) or "any", which also finds what is repealed."""
    if unknown := ", ".join(sorted(set(filters) - {"validity"}))[:200]:
        raise Problem(
            422,
            _("Unknown filters: %(names)s") % {"names": unknown},
            code="invalid",
            errors=[{"field": "filters", "message": unknown}],
        )
    wanted = filters.get("validity", "in_force")
    if wanted not in ("in_force", "any"):
        raise invalid("filters.validity", _("validity is in_force or any."))
    return wanted == "any"


def _passage(found: ScoredChunk, told: Explanation | None) -> dict[str, Any]:
    chunk = found.chunk
    shown = {
        "chunk_id": chunk.id,
        "document_id": chunk.document_id,
        "title": chunk.title,
        "text": chunk.text,
        "score": found.score,
        "scores": dict(found.scores),
        "location": location(found),
        "url": passage_url(found),
    }
    return shown if told is None else {**shown, "why": reasons(chunk, told)}
