"""Hints to the workers of cabinets (apps.core.hints)."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from apps.core.hints import send_hint


def hint(document_id: UUID) -> None:
    _send("ingest", document_id)


def removal_hint(document_id: UUID) -> None:
    _send("remove", document_id)


def unpack_hint(job_id: UUID) -> None:
    _send("unpack", job_id)


def move_hint(document_id: UUID) -> None:
    _send("move", document_id)


def examination_hint(job_id: UUID) -> None:
    """The embedded worker has a thread of its own for these, which looks every two seconds."""
    if not settings.EMBEDDED:
        _send("doctor", job_id)


def _send(task: str, key: UUID) -> None:
    send_hint(f"apps.cabinets.tasks.{task}", key)
