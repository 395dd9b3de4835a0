"""Hints to the workers of office writing (apps.core.hints)."""

from __future__ import annotations

from uuid import UUID

from apps.core.hints import send_hint


def work_hint(job_id: UUID | str) -> None:
    """A file to proofread, a model's part, or a training waits."""
    send_hint("apps.office.tasks.work", job_id)


def notice_hint(job_id: UUID | str) -> None:
    send_hint("apps.office.tasks.notice", job_id)


def delivery_hint(delivery_id: UUID | str) -> None:
    """A webhook is to be told."""
    send_hint("apps.office.tasks.deliver", delivery_id)
