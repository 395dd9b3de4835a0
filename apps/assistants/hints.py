"""Hints to the workers of models (apps.core.hints)."""

from __future__ import annotations

from uuid import UUID

from apps.core.hints import send_hint


def model_hint(job_id: UUID | str) -> None:
    send_hint("apps.assistants.tasks.model", job_id)
