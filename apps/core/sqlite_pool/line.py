"""Writers of one SQLite file wait in line.

SQLite lets one write at a time; who comes second sleeps and tries again, up to a tenth of a second each time, and may
find the file taken again and again until its patience ends: with two hundred answers being written, some questions
waited for seconds and some were refused. Writers of this process therefore come one after the other, in order, and
wake up as soon as it is their turn. Other processes are waited for by SQLite as before.
"""

from __future__ import annotations

import os
import threading
from collections import deque


class Line:
    """A lock that is handed on in the order in which it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def enter(self, *, seconds: float) -> bool:
        """Whether it is the caller's turn within this time."""
        turn = threading.Lock()
        turn.acquire()
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            self._waiting.append(turn)
        if turn.acquire(timeout=seconds):
            return True
        with self._guard:
            if turn not in self._waiting:
                return True  # it was handed on in this very moment
            self._waiting.remove(turn)
            return False

    def leave(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


_lines: dict[tuple[str, int], Line] = {}
_guard = threading.Lock()


def line_of(name: str) -> Line:
    """That of a file; a forked process begins with its own."""
    with _guard:
        return _lines.setdefault((name, os.getpid()), Line())
