"""Ending and restarting work: cancel at once, retry what failed."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.cabinets.hints import hint
from apps.cabinets.models import Document
from apps.cabinets.services.depths import deep_over
from apps.core.problems import Problem

Status = Document.Status
CANCELLED = "cancelled"
RETRY_BATCH = 1000


@transaction.atomic
def document_cancel(document: Document, *, by: User) -> Document:
    """Stop waiting or being read, now. The lease is taken away: its worker sees it within a second, kills the
    child and writes nothing more. What was served before stays served. Raises Problem 409 when nothing runs."""
    if document.deepening and _deep_stop(document):
        document.refresh_from_db()
        audit_record(by, action="document.cancel", target=document)
        return document
    stopped = Document.objects.filter(pk=document.pk, status__in=(Status.QUEUED, Status.PROCESSING)).update(
        status=Status.FAILED, stage="", error_code=CANCELLED, error_detail="", error_retryable=True,
        lease_token=None, lease_until=None, not_before=None, updated_at=timezone.now(),
    )  # fmt: skip
    if not stopped:
        raise Problem(409, _("The document is neither waiting nor being read."), code="not_running")
    document.refresh_from_db()
    audit_record(by, action="document.cancel", target=document)
    return document


def _deep_stop(document: Document) -> bool:
    """Its second look ends, what the first made stays served."""
    running = Document.objects.filter(
        pk=document.pk, deepening=True, status__in=(Status.QUEUED, Status.PROCESSING)
    )
    over = deep_over(document, code=CANCELLED)
    return bool(running.update(lease_token=None, lease_until=None, updated_at=timezone.now(), **over))


def documents_retry_failed(*, by: User) -> int:
    """Queue everything that failed once more, oldest first, at most a thousand: how many there were."""
    with transaction.atomic():
        failed = Document.objects.filter(status=Status.FAILED, cabinet__deleted_at=None)
        keys = list(failed.order_by("updated_at", "id").values_list("pk", flat=True)[:RETRY_BATCH])
        count = Document.objects.filter(pk__in=keys, status=Status.FAILED).update(
            status=Status.QUEUED, stage="", progress=0, generation=F("generation") + 1, attempt=0,
            queued_at=timezone.now(), not_before=None, lease_token=None, lease_until=None, error_code="",
            error_detail="", updated_at=timezone.now(),
        )  # fmt: skip
        audit_record(by, action="queue.retry_failed", detail={"documents": count})
        for key in keys:
            transaction.on_commit(partial(hint, key))
    return count
