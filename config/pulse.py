"""A worker that hears nothing ends itself, so that whoever runs it starts it anew.

Celery's consumer can come back from a lost broker without a connection (seen with 5.7 where the broker goes between the
end of a task and its acknowledgement): the process lives, and takes no work any more. So each worker calls itself
through the broker. A broker that cannot be reached is waited for; one that takes the call while the worker does not
answer, several times in a row, means that the worker is deaf. What it had in hand is found by the leases.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

from celery import Celery
from celery.signals import worker_ready
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)
MISSES = 3
ANSWER_SECONDS = 5.0


@worker_ready.connect
def begin(sender: Any, **_more: Any) -> None:
    if settings.WORKER_PULSE_SECONDS:
        arguments = (sender.app, sender.hostname)
        threading.Thread(target=watch, args=arguments, name="pulse", daemon=True).start()


def watch(app: Celery, name: str, *, every: float | None = None, answer: float = ANSWER_SECONDS) -> None:
    """Call the worker `name` every so many seconds; ends this process with status 1 where it does not answer."""
    missed, pause = 0, threading.Event()
    while True:
        pause.wait(every or settings.WORKER_PULSE_SECONDS)
        try:
            with app.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1)
                heard = app.control.ping(destination=[name], timeout=answer, connection=connection)
        except (OperationalError, OSError) as error:
            logger.info("the broker cannot be asked: %s", error)
            missed = 0
            continue
        missed = 0 if heard else missed + 1
        if missed >= MISSES:
            logger.critical("%s does not hear its broker; it ends, to be started anew", name)
            os._exit(1)
