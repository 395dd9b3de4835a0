"""Celery's side of office writing: thin, ids only."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


@shared_task(name="apps.office.tasks.work")
def work(job_id: str, **extra: object) -> None:
    """Do a job of office writing, if nobody else does."""
    from apps.office.working import job_do

    job_do(UUID(job_id))


@shared_task(name="apps.office.tasks.sweep")
def sweep(**extra: object) -> None:
    """Jobs whose message was lost or whose worker died; readings that are old; the nightly training."""
    from apps.office.working import swept

    for key in swept():
        work_hint(key)


def work_hint(job_id: UUID | str) -> None:
    """A broker that is away costs time, not the job: the sweeper sends the hint again."""
    try:
        work.apply_async((str(job_id),), retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("the broker did not take a hint for job %s: %s", job_id, error)
