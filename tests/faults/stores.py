"""A store that several processes share, in a process that can be killed, stopped and told to lose what it is given:
the real engine behind a socket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.managers import BaseManager
from pathlib import Path
from threading import Thread
from typing import Any

from apps.rag.errors import StoreError
from apps.rag.stores.edge import EdgeStore

KEY = b"faults"
SERVES = "serves"  # what `serve` says once it can be asked


class _Held:
    """The engine in the process that shares it. Answers are plain values. `drops` says how many calls of which name
    are answered and not done."""

    def __init__(self, path: Path, drops: Counter[str] | None = None) -> None:
        self.store, self._drops = EdgeStore(path), drops or Counter()

    def call(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if self._drops[name] > 0:
            self._drops[name] -= 1
            return None
        found = getattr(self.store, name)(*arguments, **options)
        return list(found) if isinstance(found, Iterator) else found


class _Manager(BaseManager):
    pass


_Manager.register("held")


class RemoteStore:
    """VectorStore over a socket, to the engine that another process holds. A lost connection is made again at the
    next call."""

    def __init__(self, address: str) -> None:
        host, port = address.split(":")
        self._address, self._held = (host, int(port)), None

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments, **options: self._call(name, arguments, options)

    def _call(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        try:
            if self._held is None:
                manager = _Manager(self._address, KEY)
                manager.connect()
                self._held = manager.held()  # type: ignore[attr-defined]
            return self._held.call(name, arguments, options)
        except (OSError, EOFError) as error:
            self._held = None
            raise StoreError(f"the store is away: {error!r}", retryable=True) from error

    def close(self) -> None:
        """The engine belongs to the other process."""


def _server(held: _Held, *, port: int) -> Any:
    class Serving(BaseManager):
        pass

    Serving.register("held", callable=lambda: held)
    return Serving(("127.0.0.1", port), KEY).get_server()


def serve(path: Path, *, port: int, drops: str = "") -> None:
    """Hold an engine until this process ends. `drops` is NAME:TIMES, several with commas."""
    named = (entry.split(":") for entry in drops.split(",") if entry)
    held = _Held(path, Counter({name: int(times) for name, times in named}))
    server = _server(held, port=port)
    print(SERVES, flush=True)
    server.serve_forever()


@contextmanager
def shared_store(path: Path) -> Iterator[str]:
    """Hold an engine for other processes; its address."""
    held = _Held(path)
    server = _server(held, port=0)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield "{}:{}".format(*server.address)
    finally:
        held.store.close()
        server.listener.close()
