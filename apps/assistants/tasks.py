"""Celery's side of work on models: a message is a hint, the job's row decides."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


@shared_task(name="apps.assistants.tasks.model")
def model(job_id: str, **extra: object) -> None:
    from apps.assistants.model_jobs import model_job_do

    model_job_do(UUID(job_id))


@shared_task(name="apps.assistants.tasks.sweep")
def sweep(**extra: object) -> None:
    """Hints for what nobody has: lost messages, workers that died."""
    from apps.assistants.model_jobs import jobs_waiting

    for key in jobs_waiting():
        hint(key)


def hint(job_id: UUID) -> None:
    """A broker that is away costs time, not the job: the sweeper sends the hint again."""
    try:
        model.apply_async((str(job_id),), retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("the broker did not take a hint for job %s: %s", job_id, error)
