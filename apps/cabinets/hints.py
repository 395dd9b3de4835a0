"""Messages to the workers: which piece of work waits. A message is a hint; the row decides.

Tasks are named, not imported: the services that send hints are what the tasks call.
"""

from __future__ import annotations

import logging
from uuid import UUID

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def hint(document_id: UUID) -> None:
    _send("ingest", document_id)


def removal_hint(document_id: UUID) -> None:
    _send("remove", document_id)


def unpack_hint(job_id: UUID) -> None:
    _send("unpack", job_id)


def move_hint(document_id: UUID) -> None:
    _send("move", document_id)


def examination_hint(job_id: UUID) -> None:
    """The embedded worker has a thread of its own for these, which looks every two seconds."""
    if not settings.EMBEDDED:
        _send("doctor", job_id)


def _send(task: str, key: UUID) -> None:
    """A broker that is away costs time, not the document: the sweeper sends the hint again."""
    try:
        current_app.send_task(f"apps.cabinets.tasks.{task}", (str(key),), retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("the broker did not take a hint (%s) for %s: %s", task, key, error)
