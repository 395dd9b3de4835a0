"""REST: one's own use, and for administrators everybody's with the limits."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema, Status

from apps.accounts import quotas
from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey, Quota
from apps.assistants import reporting

router = Router(tags=["usage"])
MOST = 2_000_000_000
MOST_TOKENS = 10**15


class Limits(Schema):
    requests_per_minute: int | None = Field(None, ge=1, le=MOST)  # none at all could not be undone
    tokens_per_day: int | None = Field(None, ge=0, le=MOST_TOKENS)
    uploads_per_day: int | None = Field(None, ge=0, le=MOST)
    storage_mb: int | None = Field(None, ge=0, le=MOST)


class QuotaIn(Limits):
    subject: str = Field(..., max_length=700, description="user:NAME, department:PATH, key:ID or everyone")


class QuotaOut(Limits):
    id: UUID
    subject: str

    @staticmethod
    def resolve_subject(row: Quota) -> str:
        return quotas.subject_of(row)


class OwnLimit(Limits):
    kind: str
    name: str
    requests_used: int
    tokens_used: int
    uploads_used: int
    bytes_used: int | None


class OwnUsage(Schema):
    questions: int
    tokens: int
    uploads: int
    bytes: int
    limits: list[OwnLimit]


class UsageOut(Schema):
    group_by: str
    first: date
    last: date
    items: list[dict[str, Any]]


class SpanIn(Schema):
    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")
    group_by: str = "user"


@router.get("/me/usage", response=OwnUsage, summary="What I use today, and my limits")
def own_usage(request: HttpRequest):
    return reporting.own_usage(request.user)  # type: ignore[arg-type]


@router.get("/usage", response=UsageOut, summary="What is used (administrators)")
def usage(request: HttpRequest, filters: Query[SpanIn]):
    """`group_by`: user, department, cabinet, model or day; at most 200 rows."""
    require_scope(request, ApiKey.Scope.ADMIN)
    span = reporting.span_of(filters.first, filters.last)
    items = reporting.usage_by(filters.group_by, span)
    return {"group_by": filters.group_by, "first": span.first, "last": span.last, "items": items}


@router.get("/quotas", response=list[QuotaOut], summary="The limits that are set (administrators)")
def quota_list(request: HttpRequest):
    require_scope(request, ApiKey.Scope.ADMIN)
    return quotas.quotas()[:2000]


@router.put("/quotas", response=QuotaOut, summary="Set the limits of a person, a department or a key")
def quota_set(request: HttpRequest, payload: QuotaIn):
    by = require_scope(request, ApiKey.Scope.ADMIN)
    return quotas.quota_set(by=by, **payload.dict())


@router.delete("/quotas/{uuid:quota_id}", response={204: None}, summary="Take limits away")
def quota_delete(request: HttpRequest, quota_id: UUID):
    by = require_scope(request, ApiKey.Scope.ADMIN)
    row = quotas.quotas().filter(pk=quota_id).first()
    if row is None:
        raise Http404
    quotas.quota_delete(row, by=by)
    return Status(204, None)
