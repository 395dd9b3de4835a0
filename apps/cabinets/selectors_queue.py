"""The queue as administrators see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, QuerySet

from apps.accounts.models import User
from apps.cabinets.models import Document
from apps.cabinets.probes import HEARTBEAT_KEY
from apps.cabinets.queue import Entry, queue_now, running_documents

Status = Document.Status
MOST_RUNNING, MOST_NEXT, MOST_PEOPLE, MOST_FAILED = 50, 20, 100, 100


@dataclass(frozen=True, slots=True)
class PersonWaiting:
    """`name` is "" for documents whose owner is gone; `seconds` until the last of them is ready."""

    name: str
    count: int
    since: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class QueueState:
    """`seconds` until all that waits is ready; None while no worker is seen or nothing waits."""

    counts: dict[str, int]
    running: list[Document]
    following: list[Document]
    waiting: list[PersonWaiting]
    failed: list[Document]
    seconds: int | None
    worker_seen: bool


def queue_state() -> QueueState:
    order = queue_now()
    worker_seen = cache.get(HEARTBEAT_KEY) is not None
    listed = Document.objects.filter(cabinet__personal=False)
    known = listed.select_related("cabinet", "folder", "created_by")
    ahead = [entry.id for entry, _seconds in order[:MOST_NEXT]]
    rows = known.in_bulk(ahead)
    return QueueState(
        counts=_counts(),
        running=list(
            running_documents()
            .filter(cabinet__personal=False)
            .select_related("cabinet", "folder", "created_by")[:MOST_RUNNING]
        ),
        following=[rows[key] for key in ahead if key in rows],
        waiting=_people(order),
        failed=list(failed_documents()[:MOST_FAILED]),
        seconds=max((left for _entry, left in order), default=None) if worker_seen else None,
        worker_seen=worker_seen,
    )


def failed_documents() -> QuerySet[Document]:
    """Dead letters: what waits for a person, the newest failure first."""
    failed = Document.objects.filter(status=Status.FAILED, cabinet__deleted_at=None, cabinet__personal=False)
    return failed.select_related("cabinet", "folder", "created_by").order_by("-updated_at", "id")


def _counts() -> dict[str, int]:
    live = Document.objects.filter(cabinet__deleted_at=None).order_by()
    found = dict(live.values_list("status").annotate(Count("pk")))
    return {status: found.get(status, 0) for status in Status.values}


def _people(order: list[tuple[Entry, int]]) -> list[PersonWaiting]:
    """Who waits with how much, the most first."""
    found: dict[UUID | None, tuple[int, datetime, int]] = {}
    for entry, left in order:
        count, since, _last = found.get(entry.person, (0, entry.queued_at, 0))
        found[entry.person] = (count + 1, min(since, entry.queued_at), left)
    names = {
        user.pk: str(user) for user in User.objects.filter(pk__in=[key for key in found if key][:MOST_PEOPLE])
    }
    people = [
        PersonWaiting(names.get(key, "") if key else "", count, since, left)
        for key, (count, since, left) in found.items()
    ]
    return sorted(people, key=lambda one: -one.count)[:MOST_PEOPLE]
