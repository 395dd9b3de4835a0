"""Django's SQLite backend whose connections outlive a request.

Under ASGI each request runs in a thread of its own, so that Django opens the file anew every time: the
schema is read, the PRAGMAs are set and every statement is compiled again, which costs more than the
queries of a short request. Here a closed connection waits for the next thread of this process, at most
KEPT of them, and only in a clean state. Who writes waits in line (line.py).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from apps.core.sqlite_pool.line import Line, line_of

KEPT = 8
DEFAULT_SECONDS = 5.0  # sqlite3's own patience
Wrapper: Any = base.DatabaseWrapper  # the stubs leave out its private methods, which are changed here
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


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


class DatabaseWrapper(Wrapper):
    _place: _Place | None = None
    _line: Line | None = None  # while it is this connection's turn

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute_wrappers.append(self._single)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        name = str(conn_params["database"])
        place = _place_of(name)
        kept = _idle.take(place) if place is not None else None
        connection = kept if kept is not None else super().get_new_connection(conn_params)
        self._place = _place_of(name)
        return connection

    def _enter(self) -> None:
        """Wait for the turn to write. A file in memory has no line: its connections are one."""
        if self._line is not None or self._place is None:
            return
        line = line_of(self._place.name)
        if not line.enter(seconds=self.settings_dict["OPTIONS"].get("timeout", DEFAULT_SECONDS)):
            raise OperationalError("database is locked: other writers did not end in time")
        self._line = line

    def _leave(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.leave()

    def _single(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """A statement that writes outside a transaction is one by itself."""
        if self.in_atomic_block or not sql.startswith(WRITES):
            return execute(sql, params, many, context)
        self._enter()
        try:
            return execute(sql, params, many, context)
        finally:
            self._leave()

    def _start_transaction_under_autocommit(self) -> None:
        if self.transaction_mode is not None:  # it takes the file at once
            self._enter()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> None:
        super()._commit()
        self._leave()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._leave()

    def _close(self) -> None:
        try:
            self._keep_or_close()
        finally:
            self._leave()

    def _keep_or_close(self) -> None:
        connection, place = self.connection, self._place
        clean = connection is not None and not connection.in_transaction and not self.needs_rollback
        if clean and place is not None and place == _place_of(place.name):
            _idle.put(place, connection)
        else:
            super()._close()
