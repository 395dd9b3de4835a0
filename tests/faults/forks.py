"""A process that has loaded the product and does nothing but fork: each step of a test is a process of its own,
without the seconds that loading takes. It holds no connection, no store and no thread of its own."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.product import ROOT

SECONDS = 120


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


class Forks:
    """`python -m tests.faults.steps` with the environment of one place."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="askive-steps-")
        self._count = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.steps"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip

    def start(self, *arguments: str, **settings: str) -> Fork:
        self._count += 1
        output = Path(self._folder.name) / str(self._count)
        told = {"arguments": arguments, "settings": settings, "output": str(output)}
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
        self._process.kill()
        self._process.wait(10)
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        self._folder.cleanup()
