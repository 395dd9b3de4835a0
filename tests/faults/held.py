"""The store of several processes in one of its own (tests/faults/stores.py), as a test starts, stops and kills it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.faults.forks import Fork
from tests.faults.place import Place, wait
from tests.faults.stores import SERVES


class Store:
    """The process that holds the engine."""

    def __init__(self, place: Place, folder: Path, port: int) -> None:
        self._place, self._folder, self._port = place, folder, port
        self._process: Fork | None = None

    def start(self, *, drops: str = "") -> None:
        """`drops` says how many calls it answers and does not do: "upsert:1"."""
        self.kill()
        settings = {"FAULT_STORE_DROPS": drops}
        process = self._place.fork("hold", str(self._folder), str(self._port), **settings)
        self._process = process
        wait(lambda: process.output.exists() and process.said() == SERVES)

    def kill(self) -> None:
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            assert self._process.wait() == -signal.SIGKILL, self._process.complained()
            self._process = None

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)
