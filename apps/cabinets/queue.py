"""The queue: who is served next, how long it will take, and what a document waits for.

People take turns, and within one person's documents cabinets take turns, so that a bulk upload never
holds up somebody's single file. The turn goes to whoever was served longest ago; the rows say when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone

from apps.cabinets.estimates import Estimates, recent_timings
from apps.cabinets.models import Document
from apps.cabinets.probes import HEARTBEAT_KEY

Status = Document.Status
WaitingFor = Literal["turn", "worker", "retry"]
MOST = 10_000  # waiting documents looked at
MEMORY = timedelta(hours=6)  # who was served before that has the first turn again
Turns = dict[tuple[UUID | None, UUID | None], datetime]  # (person, cabinet or None) → last served


@dataclass(frozen=True, slots=True)
class Waiting:
    """`position` counts from 1 (None while it pauses or runs); `seconds` until it is ready, an estimate."""

    position: int | None
    seconds: int | None
    waiting_for: WaitingFor | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the order and the estimate need of a waiting document."""

    id: UUID
    person: UUID | None
    cabinet: UUID
    priority: int
    queued_at: datetime
    media_type: str
    size: int


_FIELDS = ("id", "created_by_id", "cabinet_id", "priority", "queued_at", "media_type", "size")


def waiting_documents() -> QuerySet[Document]:
    """Queued and not in a pause between two attempts."""
    due = Q(not_before=None) | Q(not_before__lte=timezone.now())
    return Document.objects.filter(due, status=Status.QUEUED, attempt__lt=settings.MAX_ATTEMPTS)


def next_document() -> UUID | None:
    """The document whose turn it is. Another worker may take it first: ask again then."""
    turns = _turns()
    groups = waiting_documents().order_by().values_list("created_by_id", "cabinet_id")
    heads = list(groups.annotate(Max("priority"), Min("queued_at"))[:MOST])
    if not heads:
        return None
    first: dict[UUID | None, datetime] = {}
    for person, _cabinet, _priority, queued in heads:
        first[person] = min(queued, first.get(person, queued))
    person, cabinet, _priority, _queued = min(
        heads,
        key=lambda head: (
            -head[2], *_turn(turns, head[0], first[head[0]]), *_turn(turns, head[0], head[3], head[1]),
        ),
    )  # fmt: skip
    group = waiting_documents().filter(created_by_id=person, cabinet_id=cabinet)
    return group.order_by("-priority", "queued_at", "id").values_list("pk", flat=True).first()


def fair_order(entries: Iterable[Entry], turns: Turns) -> list[Entry]:
    """The order in which `next_document` will serve them if nothing else comes."""
    groups: dict[tuple[int, UUID | None, UUID], list[Entry]] = defaultdict(list)
    first: dict[UUID | None, datetime] = {}
    for entry in sorted(entries, key=lambda entry: (-entry.priority, entry.queued_at, entry.id)):
        groups[(entry.priority, entry.person, entry.cabinet)].append(entry)
        first[entry.person] = min(entry.queued_at, first.get(entry.person, entry.queued_at))
    mine: dict[tuple[int, UUID | None], list[tuple[int, tuple, Entry]]] = defaultdict(list)
    for (priority, person, cabinet), group in groups.items():
        turn = _turn(turns, person, group[0].queued_at, cabinet)
        mine[(priority, person)] += [(number, turn, entry) for number, entry in enumerate(group)]
    order: list[tuple[int, int, tuple, Entry]] = []
    for (priority, person), ranked in mine.items():
        ranked.sort(key=lambda item: item[:2])
        turn = _turn(turns, person, first[person])
        order += [(-priority, number, turn, entry) for number, (_n, _t, entry) in enumerate(ranked)]
    order.sort(key=lambda item: item[:3])
    return [entry for *_rank, entry in order]


def _turns() -> Turns:
    """When each person, and each of their cabinets, was last served."""
    recent = Document.objects.filter(started_at__gte=timezone.now() - MEMORY).order_by()
    found: Turns = {}
    for person, cabinet, last in recent.values_list("created_by_id", "cabinet_id").annotate(
        Max("started_at")
    )[:MOST]:
        found[(person, cabinet)] = last
        found[(person, None)] = max(last, found.get((person, None), last))
    return found


def _turn(turns: Turns, person: UUID | None, queued: datetime, cabinet: UUID | None = None) -> tuple:
    """Sorts: never served, then longest ago, then who has waited longest."""
    last = turns.get((person, cabinet))
    return (last is not None, last or queued, queued, str(cabinet or person))


def queue_now(*, most: int = MOST) -> list[tuple[Entry, int]]:
    """Everything that waits in the order it will be served, each with the seconds until it is ready."""
    rows = waiting_documents().order_by("-priority", "queued_at", "id").values_list(*_FIELDS)[:MOST]
    order = fair_order((Entry(*row) for row in rows), _turns())
    estimates = Estimates(recent_timings())
    workers = max(1, settings.INGEST_WORKERS)
    before = sum(_left(running, estimates) for running in running_documents()[:MOST]) / workers
    found = []
    for entry in order[:most]:
        own = estimates.seconds(entry.media_type, entry.size)
        found.append((entry, max(1, round(before + own))))
        before += own / workers
    return found


def running_documents() -> QuerySet[Document]:
    return Document.objects.filter(status=Status.PROCESSING).order_by("started_at", "id")


def _left(document: Document, estimates: Estimates) -> float:
    """Seconds of work left of a running document: by what it took so far once it is on its way."""
    own = estimates.seconds(document.media_type, document.size)
    if document.started_at and document.progress > 0.1:
        spent = max(0.0, (timezone.now() - document.started_at).total_seconds())
        own = min(max(own, spent), spent / document.progress * 1.5)
    return max(1.0, own * (1 - document.progress))


def queue_lines(documents: Collection[Document]) -> dict[UUID, Waiting]:
    """Place, time and reason of the given documents that wait or are being read; the others are absent."""
    busy = (Status.QUEUED, Status.PROCESSING)
    asked = [document for document in documents if document.shown_status in busy]
    if not asked:
        return {}
    served = cache.get(HEARTBEAT_KEY) is not None
    found: dict[UUID, Waiting] = {}
    places: dict[UUID, tuple[int, int]] = {}
    if any(document.status == Status.QUEUED for document in asked):
        places = {entry.id: (place, left) for place, (entry, left) in enumerate(queue_now(), start=1)}
    estimates = Estimates(recent_timings())
    for document in asked:
        if document.status == Status.PROCESSING:
            found[document.pk] = Waiting(None, round(_left(document, estimates)), None)
        elif document.pk in places:
            place, left = places[document.pk]
            found[document.pk] = Waiting(place, left if served else None, "turn" if served else "worker")
        else:
            found[document.pk] = Waiting(None, _pause(document), "retry")
    return found


def _pause(document: Document) -> int | None:
    if document.not_before is None:
        return None
    return max(1, round((document.not_before - timezone.now()).total_seconds()))
