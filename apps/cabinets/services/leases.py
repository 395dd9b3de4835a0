"""Who works on a document: a lease with a token that fences every write.

Each transition is one conditional UPDATE. A worker that was stopped for longer than its lease finds
that its token no longer matches and can change nothing.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils import timezone

from apps.cabinets.models import Document
from apps.cabinets.models.index import Leftover
from apps.cabinets.queue import next_document
from apps.cabinets.services.depths import deep_over, deep_slot_free

logger = logging.getLogger(__name__)
Status = Document.Status
MOST_RACES = 20
LOOK_SECONDS = 1.0  # how soon a worker learns that its document was cancelled, deleted or queued anew


class LeaseLost(Exception):
    """Another worker has the document, or it was deleted, cancelled or re-queued meanwhile."""


@dataclass(frozen=True, slots=True)
class Lease:
    document_id: UUID
    token: UUID
    generation: int
    deepening: bool = False
    lost: threading.Event = field(default_factory=threading.Event, compare=False, repr=False)

    def check(self) -> None:
        """Raises LeaseLost once `lease_kept` has seen that it is gone; asks no database."""
        if self.lost.is_set():
            raise LeaseLost

    def update(self, **fields: Any) -> None:
        """Write fields and prolong the lease, if it is still ours. Raises LeaseLost."""
        fields.setdefault("lease_until", timezone.now() + timedelta(seconds=settings.LEASE_SECONDS))
        if not self._held().update(updated_at=timezone.now(), **fields):
            raise LeaseLost

    def release(self, **fields: Any) -> None:
        """The last write: the fields of the new status, and nobody's lease. Raises LeaseLost."""
        self.update(lease_token=None, lease_until=None, **fields)

    def _held(self):
        return Document.objects.filter(
            pk=self.document_id, lease_token=self.token, generation=self.generation, status=Status.PROCESSING
        )


@contextmanager
def lease_kept(lease: Lease) -> Iterator[None]:
    """Prolong the lease from a thread while a model or a parser works without a word, and look each second
    whether it is still ours: `lease.check` then raises. A process that is stopped or killed prolongs nothing."""
    done = threading.Event()

    def prolong() -> None:
        due = settings.LEASE_SECONDS / 4
        prolonged = monotonic()
        while not done.wait(min(LOOK_SECONDS, due)):
            try:
                if monotonic() - prolonged >= due:
                    lease.update()
                    prolonged = monotonic()
                elif not lease._held().exists():
                    raise LeaseLost
            except LeaseLost:
                lease.lost.set()
                return
            except DatabaseError as error:  # the next round may reach it again, well before the lease ends
                logger.warning("document %s: lease not prolonged: %s", lease.document_id, error)
            finally:
                connection.close()

    thread = threading.Thread(target=prolong, daemon=True, name="lease")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def lease_progress(lease: Lease) -> Callable[..., None]:
    """Writes (stage, share, **fields) at most once a second, and so keeps the lease alive. Raises LeaseLost."""
    told, told_at = "", 0.0

    def report(stage: str, share: float, **fields: int) -> None:
        nonlocal told, told_at
        lease.check()
        now = monotonic()
        if stage == told and now - told_at < 1.0 and share < 1.0:
            return
        told, told_at = stage, now
        lease.update(stage=stage, progress=round(share, 3), **fields)
        connection.close()

    return report


def lease_take(document_id: UUID, *, deep: bool = True) -> Lease | None:
    """Take a waiting document, or one whose worker's lease ran out. None when somebody else has it, or when
    it waits for its second look (services.depths) and no such is wanted now.

    Each attempt makes a generation of its own. The store knows no tokens: what a worker that slept
    through its lease still writes or removes there must not be what the next one made."""
    now = timezone.now()
    token = uuid.uuid4()
    free = Q(status=Status.QUEUED) & (Q(not_before=None) | Q(not_before__lte=now))
    abandoned = Q(status=Status.PROCESSING, lease_until__lt=now)
    taken = (
        Document.objects.filter(free | abandoned, pk=document_id, attempt__lt=settings.MAX_ATTEMPTS)
        .exclude(status=Status.DELETING)
        .filter(deepening__in=(False, deep))
        .update(
            status=Status.PROCESSING,
            stage=Document.Stage.PARSE,
            progress=0,
            pages_done=0,
            pages_total=0,
            lease_token=token,
            lease_until=now + timedelta(seconds=settings.LEASE_SECONDS),
            attempt=F("attempt") + 1,
            generation=Case(
                When(_touched(), then=F("generation") + 1),
                default=F("generation"),
                output_field=models.PositiveIntegerField(),
            ),
            not_before=None,
            started_at=now,
            updated_at=now,
        )
    )
    if not taken:
        return None
    generation, deepening = Document.objects.values_list("generation", "deepening").get(pk=document_id)
    with suppress(IntegrityError):  # it is there from the attempt before, or from a move
        Leftover(document_id=document_id).save(force_insert=True)
    return Lease(document_id, token, generation, deepening)


def lease_take_next() -> Lease | None:
    """Take the waiting document whose turn it is (apps.cabinets.queue). None when nothing waits."""
    for _try in range(MOST_RACES):
        key = next_document()
        if key is None:
            return None
        if Document.objects.filter(pk=key, deepening=True).exists() and not deep_slot_free():
            return None  # nothing fresh waits: second looks come last
        if lease := lease_take(key):
            return lease
    return None  # others take them faster than we can look: they are at work


def _touched() -> Q:
    """Whether an attempt at this generation was begun before."""
    return Q(attempt__gt=0) | Q(Exists(Leftover.objects.filter(document=OuterRef("pk"))))


def leases_expire(*, all_of_them: bool = False) -> tuple[list[UUID], int]:
    """Give back what abandoned leases hold: (documents queued again, documents failed for good).

    `all_of_them` also takes leases that still run: only for the one worker there is, at its start."""
    now = timezone.now()
    stale = Document.objects.filter(status=Status.PROCESSING)
    if not all_of_them:
        stale = stale.filter(lease_until__lt=now)
    over = stale.filter(attempt__gte=settings.MAX_ATTEMPTS)
    for document in over.filter(deepening=True)[:1000]:
        same = over.filter(pk=document.pk, lease_token=document.lease_token)
        same.update(lease_token=None, lease_until=None, updated_at=now, **deep_over(document, code="crashed"))
    failed = over.filter(deepening=False).update(
        status=Status.FAILED, error_code="crashed", error_detail="", error_retryable=True,
        lease_token=None, lease_until=None, updated_at=now,
    )  # fmt: skip
    keys = list(stale.values_list("pk", flat=True)[:1000])
    stale.filter(pk__in=keys).update(
        status=Status.QUEUED, stage="", progress=0, lease_token=None, lease_until=None, updated_at=now
    )
    return keys, failed


def leases_release() -> int:
    """At a clean stop of the only worker: its documents wait again, and the attempt does not count."""
    held = Document.objects.filter(status=Status.PROCESSING)
    return held.update(
        status=Status.QUEUED, stage="", progress=0, attempt=F("attempt") - 1,
        lease_token=None, lease_until=None, updated_at=timezone.now(),
    )  # fmt: skip
