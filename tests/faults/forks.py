"""A process that has loaded the product and does nothing but fork: each step of a test is a process of its own,
without the seconds that loading takes. It holds no connection, no store and no thread of its own."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.product import ROOT

SECONDS = 600


@dataclass(frozen=True, slots=True)
class Fork:
    """A step that runs. `pid` may be stopped, woken and killed."""

    pid: int
    output: Path
    of: Forks

    def wait(self) -> int:
        """Its exit status, below 0 for the signal that ended it."""
        return os.waitstatus_to_exitcode(self.of.ask({"wait": self.pid})["status"])

    def said(self) -> str:
        return self.output.read_text().strip()

    def complained(self) -> str:
        return Path(f"{self.output}.errors").read_text().strip()


class Server:
    """A fork that serves, used as one uses subprocess.Popen."""

    def __init__(self, fork: Fork) -> None:
        self._fork, self.pid, self.returncode = fork, fork.pid, None

    def poll(self) -> int | None:
        if self.returncode is None:
            ended = self._fork.of.ask({"poll": self.pid})
            self.returncode = os.waitstatus_to_exitcode(ended["status"]) if ended["pid"] else None
        return self.returncode

    def wait(self, timeout: float = SECONDS) -> int:
        deadline = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("serve", timeout)
            time.sleep(0.02)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forks:
    """`python -m tests.faults.steps` with the environment of one place."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="askive-steps-")
        self._count = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.steps"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip

    def start(self, *arguments: str, log: Path | None = None, **settings: str) -> Fork:
        """`log` gets all that it says; otherwise its words and its complaints go to files of their own."""
        self._count += 1
        output = log or Path(self._folder.name) / str(self._count)
        errors = str(output) if log else f"{output}.errors"
        told = {"arguments": arguments, "settings": settings, "output": str(output), "errors": errors}
        return Fork(self.ask(told)["pid"], output, self)

    def ask(self, told: dict[str, object]) -> dict[str, int]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(told) + "\n")
        ready, _, _ = select.select([self._process.stdout], [], [], SECONDS)
        assert ready, f"no answer in {SECONDS} s to {told}"
        answer = self._process.stdout.readline()
        assert answer, f"the forking process ended: {self._process.poll()}"
        return json.loads(answer)

    def close(self) -> None:
        """Ends what still runs, too."""
        for child in psutil.Process(self._process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self._process.kill()
        self._process.wait(10)
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        self._folder.cleanup()
