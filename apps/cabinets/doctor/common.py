"""What the checks share: who is being worked on, and looking twice before saying that something is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.cabinets.models import Document, Leftover
from apps.cabinets.services.ingestion import document_requeue

Status = Document.Status
SWEEP_SECONDS = 60
LOOKS = 3
PAUSE_SECONDS = 0.2


def patience() -> timedelta:
    """How long the product may take to mend something by itself: a lease and a sweep."""
    return timedelta(seconds=settings.LEASE_SECONDS + SWEEP_SECONDS)


def wrong(look: Callable[[], str]) -> str:
    """What is wrong, if it is the same at every look; work that goes on meanwhile explains the rest."""
    said = look()
    for _ in range(LOOKS - 1):
        if not said:
            return ""
        time.sleep(PAUSE_SECONDS)
        if look() != said:
            return ""
    return said


def current(document_id: UUID) -> Document | None:
    return Document.objects.filter(pk=document_id).first()


def is_being_tidied(document: Document) -> bool:
    """Somebody works on it, or what was left behind is yet to be swept up."""
    if document.status in (Status.QUEUED, Status.PROCESSING, Status.DELETING):
        return True
    return Leftover.objects.filter(
        document=document, document__updated_at__gt=timezone.now() - patience()
    ).exists()


def requeue(document_id: UUID) -> str:
    document = current(document_id)
    if document is None or document.status in (Status.DELETING, Status.QUEUED, Status.PROCESSING):
        return ""
    document_requeue(document, by=None)
    return "queued again"
