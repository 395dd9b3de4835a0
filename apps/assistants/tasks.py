"""Celery's side of work on models: a message is a hint, the job's row decides."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.assistants.hints import model_hint


@shared_task(name="apps.assistants.tasks.model")
def model(job_id: str, **extra: object) -> None:
    from apps.assistants.model_jobs import model_job_do

    model_job_do(UUID(job_id))


@shared_task(name="apps.assistants.tasks.sweep")
def sweep(**extra: object) -> None:
    """Hints for what nobody has: lost messages, workers that died."""
    from apps.assistants.model_jobs import jobs_waiting

    for key in jobs_waiting():
        model_hint(key)
