"""Reads about requests for access."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.models import AccessRequest, Document

State = AccessRequest.State


def requests_for(user: User) -> QuerySet[AccessRequest]:
    """Open ones about the cabinets that the person manages, newest first."""
    managed = access.managed_cabinets_for(user).values("pk")
    return (
        AccessRequest.objects.filter(state=State.OPEN, cabinet__in=managed, user__is_active=True)
        .select_related("user", "cabinet", "folder")
        .order_by("-created_at", "-id")
    )


def own_requests(user: User) -> QuerySet[AccessRequest]:
    return AccessRequest.objects.filter(user=user).order_by("-created_at", "-id")


def with_names(user: User, rows: list[AccessRequest]) -> list[AccessRequest]:
    """Each with `name` and `route` of what was asked for, where the person may see it by now; else both empty."""
    targets = [row.target for row in rows]
    seen: dict[UUID, tuple[str, str]] = {}
    for route, found, name in (
        ("cabinet", access.cabinets_for(user), "name"),
        ("document", access.visible_documents(user), "title"),
    ):
        seen |= {key: (said, route) for key, said in found.filter(pk__in=targets).values_list("pk", name)}
    for row in rows:
        row.name, row.route = seen.get(row.target, ("", ""))  # type: ignore[attr-defined]
    return rows


def request_for(user: User, request_id: UUID) -> AccessRequest:
    """One to decide, decided ones among them. Raises Http404 for what is not the person's to decide."""
    managed = access.managed_cabinets_for(user).values("pk")
    rows = AccessRequest.objects.select_related("user", "cabinet", "folder")
    found = rows.filter(pk=request_id, cabinet__in=managed).first()
    if found is None:
        raise Http404
    return found


def with_clearance(rows: list[AccessRequest]) -> list[AccessRequest]:
    """Each with `cleared`: whether a role is enough, or the document's level is above the person's clearance."""
    levels = dict(Document.objects.filter(pk__in=[row.target for row in rows]).values_list("pk", "secrecy"))
    for row in rows:
        row.cleared = levels.get(row.target, 0) <= row.user.clearance  # type: ignore[attr-defined]
    return rows


def open_requests(user: User) -> int:
    return requests_for(user).count()
