"""Forks parser children off a process that has the parsers loaded."""

from __future__ import annotations

import os
from dataclasses import dataclass

from apps.rag.fork_server import PreloadedServer
from apps.rag.parsing.child import Job
from apps.rag.parsing.confine import clean_environment


@dataclass(frozen=True, slots=True)
class Child:
    """A running child: its pid, the pipe that gives its exit status when it ends, its progress pipe.
    The caller closes both descriptors."""

    pid: int
    sentinel: int
    progress: int


class ParserServer(PreloadedServer):
    """Its environment holds no secret of the application."""

    def __init__(self, *, preload: list[str]) -> None:
        super().__init__(preload=preload, environment=clean_environment)

    def spawn(self, job: Job) -> Child:
        """Fork a child for the job. Raises OSError when the server cannot be reached."""
        progress_read, progress_write = os.pipe()
        try:
            pid, sentinel = self.fork(job, inherited=[progress_write])
        except BaseException:
            os.close(progress_read)
            raise
        finally:
            os.close(progress_write)
        return Child(pid, sentinel, progress_read)
