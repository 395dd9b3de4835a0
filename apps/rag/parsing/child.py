"""What runs in a parser child: read one file, cut it, leave JSON in the throw-away folder."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing import forkserver
from pathlib import Path

import orjson

from apps.rag.errors import ParseError
from apps.rag.fork_server import leave
from apps.rag.interfaces import Chunker, Parser, StreamingParser
from apps.rag.parsing import progress
from apps.rag.parsing.confine import confine
from apps.rag.parsing.ocr.session import Budget, begin
from apps.rag.parsing.serial import chunk_to_json
from apps.rag.parsing.stored import ElementsWriter, elements_in
from apps.rag.types import Element, ParsedDocument, SourceFile

ELEMENTS, CHUNKS, RESULT, ERRORS = "elements.json", "chunks.jsonl", "result.json", "stderr.txt"
_RESERVE = 4 * 1024 * 1024  # given back to be able to report that memory ran out
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_WITHOUT_TEXT = ("no_text", "empty")
_PROGRESS_SECONDS = 0.2
Report = Callable[[str, int, int], None]  # stage, done, total


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
    basic: bool = False  # a first look: what takes long is put off, and that is said

    def _bootstrap(self, _parent_sentinel: int) -> int:
        """Called by multiprocessing's fork server in the new process; the exit status."""
        leave()
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


def _reporter(descriptor: int | None) -> Report:
    """Tells a new stage at once, and each page as long as they do not come faster than anybody looks."""
    last = ("", -1.0)

    def report(stage: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if descriptor is None or (stage == last[0] and now - last[1] < _PROGRESS_SECONDS and done < total):
            return
        last = (stage, now)
        step = {"stage": stage, "share": done / total if total else 0.0, "done": done, "total": total}
        try:
            os.write(descriptor, orjson.dumps(step) + b"\n")
        except BlockingIOError:
            return  # nobody reads just now; the next step tells as much
        except BrokenPipeError:
            sys.exit(1)  # nobody waits for the result any more

    if descriptor is not None:
        os.set_blocking(descriptor, False)
    return report


def _run(job: Job, report: Report) -> int:
    reserve: bytearray | None = bytearray(_RESERVE)
    try:
        outcome: dict[str, object] = _work(job, report)
    except ParseError as error:
        outcome = {"code": error.code, "detail": error.detail[:500]}
    except MemoryError:
        reserve = None
        outcome = {"code": "memory", "detail": "out of memory"}
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        for name in (ELEMENTS, CHUNKS):  # room to say so
            (job.folder / name).unlink(missing_ok=True)
        outcome = {"code": "disk_full", "detail": str(error)[:500]}
    del reserve
    (job.folder / RESULT).write_bytes(orjson.dumps(outcome))
    return 0


def _work(job: Job, report: Report) -> dict[str, object]:
    """Elements go to their file as they are read, and from there into the chunker: neither is held."""
    report("parse", 0, 0)
    progress.listen(lambda done, total: report("parse", done, total))
    session = begin(job.recognition, basic=job.basic)
    started = time.perf_counter()
    elements = ElementsWriter(job.folder / ELEMENTS)
    try:
        document = _streamed(job.parser, job.source, elements.add)
    except ParseError as error:
        if session.put_off and error.code in _WITHOUT_TEXT:
            raise ParseError("all of its text has to be recognised", code="needs_ocr") from error
        raise
    elements.close(document)
    parsed = time.perf_counter()
    report("chunk", 0, 0)
    count = _cut(job, document, elements.count, report)
    if not count:
        raise ParseError("no passage could be made of the file", code="empty")
    cut = time.perf_counter()
    timings = {"parse": round((parsed - started) * 1000), "chunk": round((cut - parsed) * 1000)}
    return {"chunks": count, "timings_ms": timings, "put_off": session.put_off}


def _streamed(parser: Parser, source: SourceFile, emit: Callable[[Element], None]) -> ParsedDocument:
    if isinstance(parser, StreamingParser):
        return parser.stream(source, emit)
    document = parser.parse(source)
    for element in document.elements:
        emit(element)
    return replace(document, elements=())


def _cut(job: Job, document: ParsedDocument, total: int, report: Report) -> int:
    """Write the chunks, a line each; how many."""
    count = read = 0

    def elements() -> Iterator[Element]:
        nonlocal read
        for element in elements_in(job.folder / ELEMENTS):
            read += 1
            yield element

    with (job.folder / CHUNKS).open("wb") as file:
        for chunk in job.chunker.stream(job.source, elements(), language=document.language):
            file.write(chunk_to_json(chunk) + b"\n")
            count += 1
            report("chunk", min(read, total - 1), total)
    report("chunk", total, total)
    return count
