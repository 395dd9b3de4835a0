"""REST: the audit trail, for administrators."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from apps.accounts.auditing import MOST_EXPORTED, Search, audit_csv, audit_events
from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey, User
from apps.accounts.trail import audit_record
from apps.core.pagination import paginate

router = Router(tags=["audit"])


class AuditOut(Schema):
    id: int
    number: int | None = Field(description="The place in the chain; null in the moment before it is sealed.")
    at: datetime
    actor: str = Field(alias="actor_name")
    action: str
    target_kind: str
    target_id: str
    target_name: str
    detail: dict[str, Any]
    previous: str
    hash: str


class AuditList(Schema):
    items: list[AuditOut]
    next_cursor: str | None


class Filters(Schema):
    q: str = Field("", max_length=100)
    action: str = Field("", max_length=60)
    actor: str = Field("", max_length=150)
    target_id: str = Field("", max_length=64)
    since: date | None = None
    until: date | None = None

    @property
    def search(self) -> Search:
        return Search(self.q, self.action, self.actor, self.target_id, self.since, self.until)


@router.get("/audit", response=AuditList, summary="What was done, newest first (administrators)")
def audit(request: HttpRequest, filters: Query[Filters], limit: int = 50, cursor: str | None = None):
    require_scope(request, ApiKey.Scope.ADMIN)
    items, following = paginate(audit_events(filters.search), limit=limit, cursor=cursor, by="-at")
    return {"items": items, "next_cursor": following}


@router.get("/audit.csv", summary="The same as a table for spreadsheets, at most 50,000 rows")
def audit_table(request: HttpRequest, filters: Query[Filters]):
    return table_response(require_scope(request, ApiKey.Scope.ADMIN), filters.search)


def table_response(user: User, search: Search) -> HttpResponse:
    """Taking the trail out is itself a row of it."""
    found = audit_events(search)[:MOST_EXPORTED]
    response = HttpResponse(
        audit_csv(found.iterator(chunk_size=2000)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate():%Y%m%d}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    audit_record(user, action="audit.export")
    return response
