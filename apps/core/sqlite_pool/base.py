"""Django's SQLite backend whose connections outlive a request.

Under ASGI each request runs in a thread of its own, so that Django opens the file anew every time: the
schema is read, the PRAGMAs are set and every statement is compiled again, which costs more than the
queries of a short request. Here a closed connection waits for the next thread of this process, at most
KEPT of them, and only in a clean state.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from django.db.backends.sqlite3 import base

KEPT = 8


@dataclass(frozen=True, slots=True)
class _Place:
    """A file as it was when it was opened: a restored backup under the same name is another place, and
    a connection is never carried into a forked process."""

    name: str
    device: int
    inode: int
    process: int


class _Idle:
    """Connections that nobody uses, the last used on top."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[_Place, Connection]] = []

    def take(self, place: _Place) -> Connection | None:
        with self._lock:
            for number in reversed(range(len(self._waiting))):
                if self._waiting[number][0] == place:
                    return self._waiting.pop(number)[1]
        return None

    def put(self, place: _Place, connection: Connection) -> None:
        with self._lock:
            self._waiting.append((place, connection))
            dropped = self._waiting.pop(0)[1] if len(self._waiting) > KEPT else None
        if dropped is not None:
            dropped.close()


_idle = _Idle()


def _place_of(name: str) -> _Place | None:
    try:
        found = os.stat(name)
    except OSError:
        return None  # not there yet, or in memory
    return _Place(name, found.st_dev, found.st_ino, os.getpid())


class DatabaseWrapper(base.DatabaseWrapper):
    _place: _Place | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        name = str(conn_params["database"])
        place = _place_of(name)
        kept = _idle.take(place) if place is not None else None
        connection = kept if kept is not None else super().get_new_connection(conn_params)
        self._place = _place_of(name)
        return connection

    def _close(self) -> None:
        connection, place = self.connection, self._place
        clean = connection is not None and not connection.in_transaction and not self.needs_rollback
        if clean and place is not None and place == _place_of(place.name):
            _idle.put(place, connection)
        else:
            super()._close()
