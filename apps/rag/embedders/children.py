"""Child processes that hold a model, so that the web process never imports torch.

Children start when first needed, take turns in a pool, restart when they died, and end with their
parent. They are forks of a fresh interpreter that has the libraries loaded (8 s of processor time) and no model:
nothing of the parent's main module runs again, and what they all need is in memory once.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import connection, forkserver
from typing import Any, Literal

from apps.rag.embedders import frames
from apps.rag.embedders.local import QUIET_ENVIRONMENT
from apps.rag.embedders.worker import Work
from apps.rag.fork_server import PreloadedServer

Priority = Literal["interactive", "background"]
END_SECONDS = 10.0  # a killed process that has not ended by then hangs on a disk; it is left behind
TORCH = "apps.rag.embedders.preload"


class ChildFailed(Exception):
    """The model raised; the child lives. `code` is that of the RagError raised there, if it was one."""

    def __init__(self, detail: str, *, code: str = "") -> None:
        super().__init__(detail)
        self.code = code


class ChildGone(Exception):
    """The child died or cannot be started."""


class ChildTimeout(Exception):
    """No answer in time; the child was ended."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What a child builds ("package.module:Class" and its options) and how it runs.

    `idle_seconds` None keeps it; seconds for the rest. `preload` is a module that is loaded once for all children
    that name it."""

    factory: str
    options: dict[str, Any] = field(default_factory=dict)
    priority: Priority = "interactive"
    idle_seconds: float | None = None
    start_timeout: float = 180.0
    preload: str = ""


@cache
def _server(preload: str, _owner: int) -> PreloadedServer:
    """One for all pools of a process: `_owner` is its pid, since a process forked off it needs one of its own."""
    return PreloadedServer(
        preload=[preload] if preload else [], environment=lambda: {**os.environ, **QUIET_ENVIRONMENT}
    )


class Child:
    """One process; not thread-safe but for `end`, the pool hands it to one thread at a time."""

    def __init__(self, spec: ChildSpec) -> None:
        ours, theirs = socket.socketpair()
        self._link, self._guard = ours, threading.Lock()
        self._status: int | None = None  # while it runs
        with theirs:
            try:
                self.pid, self._sentinel = _server(spec.preload, os.getpid()).fork(
                    Work(), inherited=[theirs.fileno()], timeout=spec.start_timeout
                )
            except BaseException:
                ours.close()
                raise
        setup = {
            "factory": spec.factory,
            "options": spec.options,
            "background": spec.priority == "background",
            "idle_seconds": spec.idle_seconds,
        }
        try:
            self.ask(json.dumps(setup).encode(), timeout=spec.start_timeout)
        except BaseException:
            self.end()
            raise

    @property
    def alive(self) -> bool:
        with self._guard:
            return self._status is None and not connection.wait([self._sentinel], 0)

    def ask(self, message: bytes, *, timeout: float) -> list[list[float]]:
        """Send a request and wait. After ChildGone or ChildTimeout the child is ended."""
        deadline = time.monotonic() + timeout
        try:
            self._link.settimeout(timeout)
            frames.send(self._link, message)
            self._link.settimeout(max(0.01, deadline - time.monotonic()))
            answer = frames.receive(self._link)
        except TimeoutError as error:
            self.end()
            raise ChildTimeout(f"no answer within {timeout:g} s") from error
        except (EOFError, OSError) as error:
            self.end()
            raise ChildGone(f"the model process ended: exit status {self._status}") from error
        if answer.startswith(frames.FAILED):
            failure = json.loads(answer[1:])
            raise ChildFailed(failure["detail"], code=failure["code"])
        return frames.matrix(answer)

    def end(self) -> None:
        with suppress(OSError):  # the socket may be gone already
            self._link.close()
        with self._guard:
            if self._status is not None:
                return
            if not connection.wait([self._sentinel], 0):
                with suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)
            self._status = self._ended()
            os.close(self._sentinel)

    def _ended(self) -> int:
        """The exit status, negative for a signal."""
        if connection.wait([self._sentinel], END_SECONDS):
            with suppress(OSError, EOFError):  # the fork server was killed, and so nobody could tell
                return int(forkserver.read_signed(self._sentinel))
        return -signal.SIGKILL


class ChildPool:
    """At most `processes` children of one kind. Thread-safe."""

    def __init__(self, spec: ChildSpec, *, processes: int = 1) -> None:
        if processes < 1:
            raise ValueError("A pool has at least one process.")
        self.spec = spec
        self.processes = processes
        # Last in, first out: the warm child works, the others may reach their idle time.
        self._free: list[Child | None] = [None] * processes
        self._line: deque[object] = deque()  # who waits for a child, in the order of asking
        self._moved = threading.Condition()
        self._all: set[Child] = set()
        self._guard = threading.Lock()
        self._closed = False

    def ask(self, call: str, arguments: dict[str, Any], *, timeout: float) -> list[list[float]]:
        """Run one call in a free child within `timeout` seconds, starting a model not counted.

        Tries once more in a fresh child if the first one died. Raises ChildFailed, ChildGone, ChildTimeout."""
        message = frames.request(call, arguments)
        child = self._take(timeout=timeout + self.spec.start_timeout)
        try:
            for last in (False, True):
                try:
                    child = self._living(child)
                    return child.ask(message, timeout=timeout)
                except ChildGone:
                    if last:
                        raise
            raise AssertionError("unreachable")
        finally:
            self._give(child)

    def warm(self) -> None:
        """Start every child now and wait for their models. Raises as `ask` does."""
        taken: list[Child | None] = []
        try:
            while len(taken) < self.processes:
                taken.append(None)
                taken[-1] = self._living(self._take(timeout=self.spec.start_timeout))
        finally:
            for child in taken:
                self._give(child)

    @property
    def pids(self) -> list[int]:
        """Processes that run now."""
        with self._guard:
            return [child.pid for child in self._all if child.alive]

    def close(self) -> None:
        """End every child; later calls raise ChildGone."""
        with self._guard:
            self._closed = True
            ending, self._all = self._all, set()
        for child in ending:
            child.end()

    def _take(self, *, timeout: float) -> Child | None:
        """In the order of asking: who asks again and again must not keep a single question from its turn."""
        turn = object()
        with self._moved:
            self._line.append(turn)
            try:
                if not self._moved.wait_for(lambda: self._line[0] is turn and self._free, timeout):
                    raise ChildTimeout(f"no model process was free within {timeout:g} s")
                return self._free.pop()
            finally:
                self._line.remove(turn)
                self._moved.notify_all()

    def _give(self, child: Child | None) -> None:
        with self._moved:
            self._free.append(child)
            self._moved.notify_all()

    def _living(self, child: Child | None) -> Child:
        if child is not None and child.alive and not self._closed:
            return child
        with self._guard:
            if self._closed:
                raise ChildGone("the pool is closed")
            if child is not None:
                self._all.discard(child)
        if child is not None:
            child.end()
        try:
            started = Child(self.spec)
        except OSError as error:
            raise ChildGone(f"a model process cannot be started: {error}") from error
        with self._guard:
            self._all.add(started)
        return started
