"""A fork server of our own: multiprocessing's, started with an environment of its own.

The stock one inherits the application's environment, secrets included, which stays readable in
/proc for the life of every child; it also re-imports the caller's __main__ in each child, and
refuses to work in daemonic processes such as Celery's prefork workers. This one does neither.
"""

from __future__ import annotations

import atexit
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import connection, forkserver, reduction, resource_tracker
from multiprocessing.forkserver import ForkServer
from pathlib import Path
from typing import Protocol

_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = "from multiprocessing.forkserver import main; main({listener}, {alive}, {preload!r})"


class Job(Protocol):
    """What a child does; travels by pickle. Called once in the child, gives its exit status. It begins with
    `leave()`; the descriptors that came along are `multiprocessing.forkserver.get_inherited_fds()`."""

    def _bootstrap(self, parent_sentinel: int, /) -> int: ...


class PreloadedServer(ForkServer):
    """Forks a child for each job off a process that has the modules of `preload` loaded already. Thread-safe; belongs
    to the process that made it."""

    def __init__(self, *, preload: Sequence[str], environment: Callable[[], Mapping[str, str]]) -> None:
        super().__init__()
        self._preload_modules = list(preload)
        self._environment = environment
        self._guard = threading.Lock()
        self._owner = os.getpid()
        self._folder: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)

    def ensure_running(self) -> None:
        """Start the server, or start it again if it was killed."""
        with self._guard:
            resource_tracker.ensure_running()
            if self._process is not None and self._process.poll() is None:
                return
            self._forget()
            # Not a TemporaryDirectory: a process forked off us would remove it when it ends.
            self._folder = tempfile.mkdtemp(prefix="askive-")
            address = str(Path(self._folder) / "forkserver")
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(address)
                listener.listen()
                alive_read, alive_write = os.pipe()
                try:
                    self._process = self._start(listener.fileno(), alive_read)
                except BaseException:
                    os.close(alive_write)
                    raise
                finally:
                    os.close(alive_read)
            self._forkserver_address = address
            self._forkserver_alive_fd = alive_write
            self._forkserver_pid = self._process.pid

    def _start(self, listener: int, alive: int) -> subprocess.Popen[bytes]:
        command = _COMMAND.format(listener=listener, alive=alive, preload=self._preload_modules)
        return subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", command],
            cwd=_ROOT,
            env=dict(self._environment()),
            pass_fds=(listener, alive),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the terminal belongs to the owner; libraries like to print
        )

    def _forget(self) -> None:
        if self._forkserver_alive_fd is not None:
            os.close(self._forkserver_alive_fd)
        self._forkserver_alive_fd = self._forkserver_address = self._forkserver_pid = None  # type: ignore[assignment]
        if self._folder is not None and self._owner == os.getpid():
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def stop(self) -> None:
        """End the server; its children end with it, or with what else they are tied to. In a process forked off the
        owner, only let go of it."""
        with self._guard:
            self._forget()
            if self._process is not None and self._owner == os.getpid():
                self._process.kill()
                self._process.wait(timeout=10)
            self._process = None

    def fork(
        self, job: Job, *, inherited: Sequence[int] = (), timeout: float | None = None
    ) -> tuple[int, int]:
        """Fork a child for the job; its pid, and the pipe that gives its exit status when it ends, which the caller
        closes. `inherited` descriptors come with it. Raises OSError when the server cannot be reached or does not
        fork within `timeout` seconds (it may be loading its modules)."""
        parcel = io.BytesIO()
        reduction.dump({"name": "child", "sys_path": [str(_ROOT), *sys.path]}, parcel)
        reduction.dump(job, parcel)
        sentinel, data = self.connect_to_new_process(list(inherited))
        try:
            with open(data, "wb") as stream:
                stream.write(parcel.getbuffer())
            if timeout is not None and not connection.wait([sentinel], timeout):
                raise TimeoutError(f"the fork server did not answer within {timeout:g} s")
            return forkserver.read_signed(sentinel), sentinel
        except (OSError, EOFError) as error:
            os.close(sentinel)
            raise OSError(f"the fork server is gone: {error}") from error


def leave() -> None:
    """In a child: close the pipe that keeps the fork server alive. Else it would outlive its owner, and the child
    with it."""
    alive = forkserver._forkserver._forkserver_alive_fd  # type: ignore[attr-defined]
    if alive is not None:
        os.close(alive)
