"""Messages to the workers: which piece of work waits. A message is a hint; the row decides.

Tasks are named, not imported: what sends hints is what the tasks call.
"""

from __future__ import annotations

import logging
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def send_hint(task: str, *keys: UUID | str) -> None:
    """A broker that is away costs time, not the work: the sweeper sends the hint again."""
    try:
        current_app.send_task(task, tuple(map(str, keys)), retry=False)
    except (OperationalError, OSError) as error:
        logger.warning(
            "the broker did not take a hint (%s) for %s: %s", task, ", ".join(map(str, keys)), error
        )
