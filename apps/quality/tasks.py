"""Celery's side of golden runs: thin, ids only."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.quality import hints


@shared_task(name="apps.quality.tasks.run")
def run(run_id: str, **extra: object) -> None:
    from apps.quality.running import run_do

    run_do(UUID(run_id))


@shared_task(name="apps.quality.tasks.sweep")
def sweep(**extra: object) -> None:
    """Runs whose message was lost or whose worker died."""
    from apps.quality.running import runs_waiting

    for key in runs_waiting():
        hints.run_hint(key)
