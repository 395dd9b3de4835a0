"""What runs in a parser child: read one file, cut it, leave JSON in the throw-away folder."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path

import orjson

from apps.rag.errors import ParseError
from apps.rag.interfaces import Chunker, Parser
from apps.rag.parsing import progress
from apps.rag.parsing.confine import confine
from apps.rag.parsing.ocr.session import Budget, begin
from apps.rag.parsing.serial import chunks_to_json, document_to_json
from apps.rag.types import SourceFile

ELEMENTS, CHUNKS, RESULT, ERRORS = "elements.json", "chunks.json", "result.json", "stderr.txt"
_RESERVE = 4 * 1024 * 1024  # given back to be able to report that memory ran out
_PROGRESS_STEP = 0.02


@dataclass(frozen=True, slots=True)
class Job:
    """One file for one child; travels from the parent by pickle (never the other way).
    `parser` and `chunker` are made in the child, so they must be small and picklable."""

    source: SourceFile
    folder: Path
    parser: Parser
    chunker: Chunker
    memory: int
    cpu_seconds: int
    file_bytes: int
    open_files: int
    recognition: Budget | None = None  # None: pages that need it are the work of another child

    def _bootstrap(self, _parent_sentinel: int) -> int:
        """Called by multiprocessing's fork server in the new process; the exit status."""
        _leave_fork_server()
        errors = os.open(self.folder / ERRORS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        null = os.open(os.devnull, os.O_RDWR)
        for target, descriptor in ((0, null), (1, errors), (2, errors)):
            os.dup2(descriptor, target)
        inherited = forkserver.get_inherited_fds()
        report = _reporter(inherited[0] if inherited else None)
        confine(
            self.folder,
            memory=self.memory,
            cpu_seconds=self.cpu_seconds,
            file_bytes=self.file_bytes,
            open_files=self.open_files,
            parent=os.getppid(),
        )
        return _run(self, report)


def _leave_fork_server() -> None:
    """Close the pipe that keeps the fork server alive: else it would outlive its owner, and this
    child with it."""
    alive = forkserver._forkserver._forkserver_alive_fd  # type: ignore[attr-defined]
    if alive is not None:
        os.close(alive)


def _reporter(descriptor: int | None) -> Callable[[str, float], None]:
    last = ("", -1.0)

    def report(stage: str, done: float) -> None:
        nonlocal last
        if descriptor is None or (stage == last[0] and done - last[1] < _PROGRESS_STEP):
            return
        last = (stage, done)
        try:
            os.write(descriptor, orjson.dumps({"stage": stage, "done": round(done, 3)}) + b"\n")
        except BlockingIOError:
            return  # nobody reads just now; the next step tells as much
        except BrokenPipeError:
            sys.exit(1)  # nobody waits for the result any more

    if descriptor is not None:
        os.set_blocking(descriptor, False)
    return report


def _run(job: Job, report: Callable[[str, float], None]) -> int:
    reserve: bytearray | None = bytearray(_RESERVE)
    try:
        timings = _work(job, report)
    except ParseError as error:
        outcome: dict[str, object] = {"code": error.code, "detail": error.detail[:500]}
    except MemoryError:
        reserve = None
        outcome = {"code": "memory", "detail": "out of memory"}
    else:
        outcome = {"timings_ms": timings}
    del reserve
    (job.folder / RESULT).write_bytes(orjson.dumps(outcome))
    return 0


def _work(job: Job, report: Callable[[str, float], None]) -> dict[str, int]:
    report("parse", 0.0)
    progress.listen(lambda done: report("parse", done))
    begin(job.recognition)
    started = time.perf_counter()
    document = job.parser.parse(job.source)
    parsed = time.perf_counter()
    report("chunk", 0.0)
    chunks = job.chunker.split(job.source, document)
    if not chunks:
        raise ParseError("no passage could be made of the file", code="empty")
    cut = time.perf_counter()
    (job.folder / ELEMENTS).write_bytes(document_to_json(document))
    (job.folder / CHUNKS).write_bytes(chunks_to_json(chunks))
    report("chunk", 1.0)
    return {"parse": round((parsed - started) * 1000), "chunk": round((cut - parsed) * 1000)}
