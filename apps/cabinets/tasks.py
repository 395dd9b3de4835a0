"""Celery's side of ingestion: thin, ids only. A message is a hint; the row decides."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from apps.cabinets.hints import hint, removal_hint, unpack_hint
from apps.cabinets.models import Document

logger = logging.getLogger(__name__)
SWEEP_BATCH = 1000


@shared_task(name="apps.cabinets.tasks.ingest")
def ingest(document_id: str, **extra: object) -> None:
    """Work for one document: the one whose turn it is, so that a bulk upload holds nobody up."""
    from apps.cabinets.services.ingestion import document_ingest_next

    document_ingest_next(UUID(document_id))


@shared_task(name="apps.cabinets.tasks.remove")
def remove(document_id: str, **extra: object) -> None:
    from apps.cabinets.services.deletion import document_remove

    document_remove(UUID(document_id))


@shared_task(name="apps.cabinets.tasks.unpack")
def unpack(job_id: str, **extra: object) -> None:
    from apps.cabinets.services.imports import import_unpack

    import_unpack(UUID(job_id))


@shared_task(name="apps.cabinets.tasks.move")
def move(document_id: str, **extra: object) -> None:
    """Rewrite where the points belong, as the row says now."""
    from apps.rag import components

    place = Document.objects.filter(pk=document_id).values_list("cabinet_id", "folder_id").first()
    if place is not None:
        components.store().move(UUID(document_id), cabinet_id=place[0], folder_id=place[1])


@shared_task(name="apps.cabinets.tasks.sweep")
def sweep(**extra: object) -> None:
    """Give work that nobody has to somebody: dead leases, lost messages, unfinished deletions."""
    from apps.accounts.trail import audit_seal
    from apps.cabinets.probes import beat
    from apps.cabinets.services.imports import imports_waiting
    from apps.cabinets.services.kept import kept_clear
    from apps.cabinets.services.leases import leases_expire
    from apps.cabinets.services.leftovers import leftovers_clear

    beat()
    audit_seal()
    _record_index()
    leases_expire()
    leftovers_clear()
    kept_clear()
    now = timezone.now()
    waiting = Document.objects.filter(
        Q(not_before=None) | Q(not_before__lte=now), status=Document.Status.QUEUED
    )
    for key in waiting.order_by("-priority", "queued_at", "id").values_list("pk", flat=True)[:SWEEP_BATCH]:
        hint(key)
    for key in imports_waiting():
        unpack_hint(key)
    deleting = Document.objects.filter(status=Document.Status.DELETING)
    for key in deleting.values_list("pk", flat=True)[:SWEEP_BATCH]:
        removal_hint(key)


def _record_index() -> None:
    from apps.cabinets.serving import index_record
    from apps.rag.errors import RagError

    try:
        index_record()
    except RagError as error:  # the store is away, or of another embedder: the health page says so
        logger.info("the index is not recorded yet: %s %s", error.code, error.detail)


@shared_task(name="apps.cabinets.tasks.doctor")
def doctor(job_id: str = "", **extra: object) -> None:
    """Do the examinations that were asked for, one of them each night."""
    from apps.cabinets.doctor.jobs import examination_nightly, examinations_do

    examination_nightly()
    examinations_do()
