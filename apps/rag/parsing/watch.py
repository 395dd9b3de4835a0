"""The parent's side of a parser child while it runs."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import orjson

from apps.rag.parsing.progress import Step
from apps.rag.parsing.server import Child

Progress = Callable[[Step], None]
_TICK = 0.2  # seconds between two looks at a child's memory
_KILL_WAIT = 10.0
_MOST_COUNTED = 10**9


class Watch:
    """Waits for a child, passes its progress on, kills it when its time is over."""

    def __init__(
        self,
        running: Child,
        wall: float,
        on_progress: Progress | None,
        on_tick: Callable[[], None] | None = None,
    ) -> None:
        """`on_tick` is called every fifth of a second; what it raises ends the child and comes out of wait()."""
        self._child, self._deadline, self._on_progress = running, time.monotonic() + wall, on_progress
        self._on_tick = on_tick
        self._buffer = b""
        self.peak = 0
        self.timed_out = False

    def wait(self) -> int:
        """The exit status, negative for a signal."""
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._child.sentinel, selectors.EVENT_READ)
                selector.register(self._child.progress, selectors.EVENT_READ)
                return self._loop(selector)
        except BaseException:
            self._kill()
            raise

    def _loop(self, selector: selectors.BaseSelector) -> int:
        while True:
            ready = {key.fd for key, _ in selector.select(timeout=_TICK)}
            if self._child.progress in ready and not self._read_progress():
                selector.unregister(self._child.progress)
            if self._child.sentinel in ready:
                return self._status()
            if self._on_tick is not None:
                self._on_tick()
            self.peak = max(self.peak, _resident(self._child.pid))
            now = time.monotonic()
            if not self.timed_out and now > self._deadline:
                self.timed_out = True
                self._kill()
            elif self.timed_out and now > self._deadline + _KILL_WAIT:
                return -signal.SIGKILL  # unkillable for now (a hung disk); it is left behind

    def _status(self) -> int:
        try:
            status: int = forkserver.read_signed(self._child.sentinel)
            return status
        except (OSError, EOFError):
            return -signal.SIGKILL  # the fork server itself was killed, its children with it

    def _read_progress(self) -> bool:
        data = os.read(self._child.progress, 65_536)
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        if lines and self._on_progress is not None:
            with contextlib.suppress(ValueError, KeyError, TypeError):  # the child is not trusted
                self._report(orjson.loads(lines[-1]))
        self._buffer = self._buffer[-1024:]
        return bool(data)

    def _report(self, raw: dict[str, Any]) -> None:
        share, done, total = float(raw["share"]), int(raw["done"]), int(raw["total"])
        if self._on_progress is not None and raw["stage"] in ("parse", "chunk"):
            share, total = min(1.0, max(0.0, share)), min(_MOST_COUNTED, max(0, total))
            self._on_progress(Step(raw["stage"], share, min(total, max(0, done)), total))

    def _kill(self) -> None:
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self._child.pid, signal.SIGKILL)


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
