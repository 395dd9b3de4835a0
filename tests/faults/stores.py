"""A store that fails as it is told to, and one that several processes share: both hold the real engine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.managers import BaseManager
from pathlib import Path
from threading import Thread
from typing import Any

from apps.rag.errors import StoreError
from apps.rag.stores.edge import EdgeStore

KEY = b"faults"


@dataclass
class Faults:
    """What to do to which call ("upsert", "*"); `times` runs down, then all is well again."""

    down: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    slow_seconds: float = 0.0
    times: int = 1_000_000

    def strike(self, call: str) -> bool:
        """True when the call is to be swallowed. Raises StoreError when the store is to be down."""
        hit = {call, "*"}
        if self.times <= 0:
            return False
        if hit & (self.down | self.dropped):
            self.times -= 1
        if hit & self.down:
            raise StoreError("connection refused", retryable=True)
        if self.slow_seconds:
            time.sleep(self.slow_seconds)
        return bool(hit & self.dropped)


FAULTS = Faults()  # of this process


class FaultyStore(EdgeStore):
    """The embedded store, between whose calls FAULTS may come."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.startswith("_") or not callable(found) or name in {"prepare", "close", "drop"}:
            return found

        def call(*arguments: Any, **options: Any) -> Any:
            return None if FAULTS.strike(name) else found(*arguments, **options)

        return call


class _Held:
    """The engine in the process that shares it. Answers are plain values."""

    def __init__(self, path: Path) -> None:
        self.store = EdgeStore(path)

    def call(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        found = getattr(self.store, name)(*arguments, **options)
        return list(found) if isinstance(found, Iterator) else found


class _Manager(BaseManager):
    pass


_Manager.register("held")


class RemoteStore:
    """VectorStore over a socket, to the engine that another process holds."""

    def __init__(self, address: str) -> None:
        host, port = address.split(":")
        manager = _Manager((host, int(port)), KEY)
        manager.connect()
        self._held = manager.held()  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, **options: self._held.call(name, arguments, options)

    def close(self) -> None:
        """The engine belongs to the other process."""


@contextmanager
def shared_store(path: Path) -> Iterator[str]:
    """Hold an engine for other processes; its address."""

    class Serving(BaseManager):
        pass

    held = _Held(path)
    Serving.register("held", callable=lambda: held)
    server = Serving(("127.0.0.1", 0), KEY).get_server()
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield "{}:{}".format(*server.address)
    finally:
        held.store.close()
        server.listener.close()
