"""Messages to the workers of office writing. A message is a hint; the row decides.

Tasks are named, not imported: what sends hints is what the tasks call.
"""

from __future__ import annotations

import logging
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def work_hint(job_id: UUID | str) -> None:
    """A file to proofread, a model's part, or a training waits."""
    _send("work", job_id)


def notice_hint(job_id: UUID | str) -> None:
    _send("notice", job_id)


def delivery_hint(delivery_id: UUID | str) -> None:
    """A webhook is to be told."""
    _send("deliver", delivery_id)


def _send(task: str, key: UUID | str) -> None:
    """A broker that is away costs time, not the work: the sweeper sends the hint again."""
    try:
        current_app.send_task(f"apps.office.tasks.{task}", (str(key),), retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("the broker did not take a hint (%s) for %s: %s", task, key, error)
