"""The worker of the embedded default: Celery's own worker and the sweeper, in threads of the web process."""

from __future__ import annotations

import logging
import threading

from celery import current_app
from celery.worker import WorkController
from django.conf import settings
from django.db import connection

from apps.cabinets.services.leases import leases_expire, leases_release
from apps.rag import components
from apps.rag.errors import RagError

logger = logging.getLogger(__name__)
STOP_SECONDS = 20
DOCTOR_SECONDS = 2  # how soon the server takes an examination that a command beside it asks for
DOCTOR = "apps.cabinets.tasks.doctor"


class EmbeddedWorker:
    """One a process. A document that is being worked on at the stop is queued again at the next start."""

    def __init__(self) -> None:
        current_app.loader.import_default_modules()  # every app's tasks
        self._stopping = threading.Event()
        self._controller: WorkController | None = None
        self._threads = [
            threading.Thread(target=self._work, daemon=True, name="worker"),
            threading.Thread(target=self._sweep, daemon=True, name="sweeper"),
            threading.Thread(target=self._examine, daemon=True, name="doctor"),
            threading.Thread(target=self._maintain, daemon=True, name="index"),
        ]

    def start(self) -> None:
        """This process is the only worker there can be, so every lease it finds at its start is dead."""
        leases_expire(all_of_them=True)
        connection.close()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        leases_release()  # a worker in the middle of a document finds its lease gone and lets go
        if self._controller is not None:
            self._controller.stop()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _work(self) -> None:
        current_app.set_current()
        self._controller = WorkController(
            app=current_app._get_current_object(),
            pool_cls="threads",
            concurrency=settings.INGEST_WORKERS,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            send_events=False,
            loglevel="WARNING",
        )
        self._controller.start()

    def _do(self, name: str) -> None:
        try:
            current_app.tasks[name]()
        except Exception:  # the sweeper must outlive any fault of one round
            logger.exception("%s failed", name)
        finally:
            connection.close()

    def _sweep(self) -> None:
        while True:
            for entry in current_app.conf.beat_schedule.values():  # the one list of what is done regularly
                if entry["task"] != DOCTOR:  # it may take minutes, and has a thread of its own
                    self._do(entry["task"])
            if self._stopping.wait(settings.SWEEP_SECONDS):
                return

    def _examine(self) -> None:
        while not self._stopping.wait(DOCTOR_SECONDS):
            components.index()  # also closes an index that stopped serving, for a command that waits for it
            self._do(DOCTOR)

    def _maintain(self) -> None:
        """The graph of a large index takes minutes, so it has a thread of its own as well."""
        while not self._stopping.wait(settings.SWEEP_SECONDS):
            try:
                components.store().maintain(stopped=self._stopping.is_set)
            except RagError as error:
                logger.warning("the index was not maintained: %s %s", error.code, error.detail)
            except Exception:  # it must outlive any fault of one round
                logger.exception("the index was not maintained")
            finally:
                connection.close()
