"""REST: the queue, for administrators."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.cabinets import selectors_queue
from apps.cabinets.services.queueing import documents_retry_failed

router = Router(tags=["operations"])


class QueueOut(Schema):
    """Counts by state; who waits with how many, since when and for how many seconds still."""

    counts: dict[str, int]
    expected_seconds: int | None
    worker_seen: bool
    waiting: list[dict[str, Any]]


class RetriedOut(Schema):
    requeued: int


@router.get("/queue", response=QueueOut, summary="What waits, and for how long")
def queue(request: HttpRequest):
    require_scope(request, ApiKey.Scope.ADMIN)
    state = selectors_queue.queue_state()
    waiting = [
        {"name": one.name, "documents": one.count, "since": one.since, "expected_seconds": one.seconds}
        for one in state.waiting
    ]
    return {
        "counts": state.counts, "expected_seconds": state.seconds, "worker_seen": state.worker_seen,
        "waiting": waiting,
    }  # fmt: skip


@router.post("/queue/retry", response=RetriedOut, summary="Queue everything that failed once more")
def queue_retry(request: HttpRequest):
    by = require_scope(request, ApiKey.Scope.ADMIN)
    return {"requeued": documents_retry_failed(by=by)}
