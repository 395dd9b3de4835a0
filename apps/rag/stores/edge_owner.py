"""One process owns the folder of an embedded index."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from apps.rag.errors import StoreError

if TYPE_CHECKING:
    from filelock import FileLock

_LOCK_NAME = "owner.lock"
_PID_NAME = "owner.pid"


class Owner:
    """This process's hold on a folder. Not thread-safe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: FileLock | None = None

    def acquire(self) -> None:
        """Raises StoreError, which names the process, while another one owns the folder."""
        from filelock import FileLock, Timeout

        lock = FileLock(self._path / _LOCK_NAME, timeout=0, thread_local=False)  # another may close
        pid_file = self._path / _PID_NAME
        try:
            lock.acquire()
        except Timeout as error:
            owner = pid_file.read_text().strip() if pid_file.exists() else "unknown"
            raise StoreError(
                f"The index at {self._path} is in use by process {owner}. One process owns it at a time: stop that "
                "one, or use a Qdrant server for several."
            ) from error
        pid_file.write_text(f"{os.getpid()}\n")
        self._lock = lock

    def release(self) -> None:
        """Idempotent."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
