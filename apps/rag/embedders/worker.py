"""The model child, answering frames on an inherited socket.

The first frame says what to build and how; then each request names one of its methods. The child ends
when the parent is gone, at once even while it computes, or when nothing was asked for a while.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver
from typing import Any

from apps.rag.embedders import frames
from apps.rag.fork_server import leave
from apps.rag.processes import step_back

CALLS = frozenset({"embed_documents", "embed_queries", "rerank"})


@dataclass(frozen=True, slots=True)
class Work:
    """The job of a forked child."""

    def _bootstrap(self, _parent_sentinel: int, /) -> int:
        leave()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends us
        inherited = forkserver.get_inherited_fds()
        assert inherited, "the socket came with the job"
        serve(socket.socket(fileno=inherited[0]))
        return 0


def serve(link: socket.socket) -> None:
    setup = json.loads(frames.receive(link))
    if setup["background"]:
        step_back()
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(link, requests), daemon=True).start()
    built = _attempt(lambda: _build(setup["factory"], setup["options"]))
    if isinstance(built, bytes):
        frames.send(link, built)
        return
    frames.send(link, frames.answer([]))
    idle = setup["idle_seconds"]
    while True:
        try:
            message = requests.get(timeout=idle)
        except queue.Empty:
            return
        result = _attempt(lambda message=message: _call(built, message))  # type: ignore[misc]
        frames.send(link, result if isinstance(result, bytes) else frames.answer(result))


def _read(link: socket.socket, requests: queue.SimpleQueue[bytes]) -> None:
    """Reading beside computing notices the parent's death in the middle of a batch."""
    try:
        while True:
            requests.put(frames.receive(link))
    except (EOFError, OSError):
        os._exit(0)


def _build(factory: str, options: dict[str, Any]) -> Any:
    module, _, name = factory.partition(":")
    built = getattr(importlib.import_module(module), name)(**options)
    if hasattr(built, "load"):
        built.load()
    return built


def _call(built: Any, message: bytes) -> Sequence[Sequence[float]]:
    request = json.loads(message)
    if request["call"] not in CALLS:
        raise ValueError(f"No such call: {request['call']!r}")
    result = getattr(built, request["call"])(**request["arguments"])
    return [result] if result and not isinstance(result[0], list) else result


def _attempt(work: Callable[[], Any]) -> Any:
    """The result, or the frame of a failure: the parent decides what a failure means."""
    try:
        return work()
    except Exception as error:
        detail = {"detail": f"{type(error).__name__}: {error}", "code": getattr(error, "code", "")}
        return frames.FAILED + json.dumps(detail).encode()
