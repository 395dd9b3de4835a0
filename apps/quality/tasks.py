"""Celery's side of golden runs: thin, ids only."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


@shared_task(name="apps.quality.tasks.run")
def run(run_id: str, **extra: object) -> None:
    from apps.quality.running import run_do

    run_do(UUID(run_id))


@shared_task(name="apps.quality.tasks.sweep")
def sweep(**extra: object) -> None:
    """Runs whose message was lost or whose worker died."""
    from apps.quality.running import runs_waiting

    for key in runs_waiting():
        run_hint(key)


def run_hint(run_id: UUID | str) -> None:
    """A broker that is away costs time, not the run: the sweeper sends the hint again."""
    try:
        run.apply_async((str(run_id),), retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("the broker did not take a hint for run %s: %s", run_id, error)
