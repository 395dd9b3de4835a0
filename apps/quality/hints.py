"""Hints to the workers of golden runs (apps.core.hints)."""

from __future__ import annotations

from uuid import UUID

from apps.core.hints import send_hint


def run_hint(run_id: UUID | str) -> None:
    send_hint("apps.quality.tasks.run", run_id)
