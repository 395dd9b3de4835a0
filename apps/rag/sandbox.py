"""Parses untrusted files, one child process a file.

The child has limits of memory, processor time and file size, no network, an empty environment and a
throw-away folder; it parses and cuts, and hands back JSON. Whatever happens to it, the caller gets a
document or a ParseError with a code, and lives.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from apps.rag.chunking import StructureChunker
from apps.rag.errors import ParseError
from apps.rag.interfaces import Chunker, Parser
from apps.rag.parsing import child, sniff
from apps.rag.parsing.child import Job
from apps.rag.parsing.convert import TARGETS, ConvertLimits, convert
from apps.rag.parsing.limits import Limits as Limits
from apps.rag.parsing.parser import AutoParser
from apps.rag.parsing.server import ParserServer
from apps.rag.parsing.watch import Progress, Watch
from apps.rag.prepared import Prepared as Prepared
from apps.rag.prepared import outcome_in, prepared_in
from apps.rag.types import SourceFile

_PAGES = (sniff.HTML, sniff.MHTML, sniff.EMAIL, sniff.MSG, sniff.EPUB)
Depth = Literal["basic", "full"]
_PICTURES = (sniff.PNG, sniff.JPEG, sniff.TIFF)
_PRESSED = 0.7  # of the memory limit: a crash above it is blamed on memory


class ParserPool:
    """At most `size` children at a time. Thread-safe; after a fork (Celery's prefork) the new
    process starts fork servers of its own on first use."""

    def __init__(
        self,
        *,
        size: int = 2,
        parser: Parser | None = None,
        chunker: Chunker | None = None,
        preload: bool = True,
    ) -> None:
        """`preload` lets the fork servers import every parser beforehand (seconds once, about 90 MB
        shared, then milliseconds a child); without it each child imports what it needs."""
        self._size = size
        self._preload = preload
        self._parser = parser or AutoParser()
        self._chunker = chunker or StructureChunker()
        self._lock = threading.Lock()
        self._reset()

    def _reset(self) -> None:
        for server in getattr(self, "_servers", {}).values():
            server.stop()
        self._owner = os.getpid()
        self._slots = threading.BoundedSemaphore(self._size)
        module = "apps.rag.parsing.preload.{}" if self._preload else "apps.rag.parsing.child"
        self._servers = {
            kind: ParserServer(preload=[module.format(kind)]) for kind in ("light", "pages", "ocr")
        }

    def warm(self) -> None:
        """Start the fork server for all but web pages, mail and scans (whose own start when one comes)."""
        self._servers["light"].ensure_running()

    def close(self) -> None:
        """End the fork servers and with them all children."""
        if self._owner == os.getpid():
            for server in self._servers.values():
                server.stop()

    def prepare(
        self,
        source: SourceFile,
        *,
        workdir: Path,
        limits: Limits | None = None,
        on_progress: Progress | None = None,
        on_tick: Callable[[], None] | None = None,
        parser: Parser | None = None,
        chunker: Chunker | None = None,
        depth: Depth = "full",
    ) -> Prepared:
        """Parse and cut a file in a child. `on_progress` gets a Step on this thread; what
        `on_tick` raises (it is called several times a second) kills the child at once. `parser` and `chunker`
        stand in for the pool's own, for this file alone. The depth "basic" leaves out recognition and many
        tables where there is text without them, and counts that in `Prepared.put_off`.
        Raises ParseError with any code; "timeout" is retryable when only the queue was full."""
        limits = limits or Limits()
        size = source.path.stat().st_size
        if size == 0:
            raise ParseError("the file has no bytes", code="empty")
        if size > limits.max_bytes:
            raise ParseError(f"{size} bytes", code="too_large")
        folder = Path(tempfile.mkdtemp(prefix="parse-", dir=workdir)).resolve()
        try:
            with self._slot(limits):
                job = replace(self._job(source, folder, limits, parser, chunker), basic=depth == "basic")
                self._read(job, limits, on_progress, on_tick)
            return _collected(source, folder, limits)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _job(
        self,
        source: SourceFile,
        folder: Path,
        limits: Limits,
        parser: Parser | None,
        chunker: Chunker | None,
    ) -> Job:
        size = source.path.stat().st_size
        return Job(
            source=_resolved(source),
            folder=folder,
            parser=parser or self._parser,
            chunker=chunker or self._chunker,
            memory=limits.memory,
            cpu_seconds=limits.cpu(size),
            file_bytes=limits.output_bytes,
            open_files=limits.open_files,
        )

    def _read(
        self,
        job: Job,
        limits: Limits,
        on_progress: Progress | None,
        on_tick: Callable[[], None] | None,
    ) -> None:
        """Convert an old Office file first; read pages again in the other child if they are pictures."""
        job, fault = _modern(job, limits, on_tick)
        pictures = job.source.media_type in _PICTURES
        try:
            self._run(_recognising(job, limits) if pictures else job, limits, on_progress, on_tick)
        except ParseError as error:
            if error.code == "needs_conversion" and fault is not None:
                raise fault from error
            if error.code != "needs_ocr" or pictures:
                raise
            self._run(_recognising(job, limits), limits, on_progress, on_tick)

    @contextlib.contextmanager
    def _slot(self, limits: Limits) -> Iterator[None]:
        with self._lock:
            if self._owner != os.getpid():
                self._reset()
            slots = self._slots
        if not slots.acquire(timeout=limits.queue):
            raise ParseError("no parser became free", code="timeout", retryable=True)
        try:
            yield
        finally:
            slots.release()

    def _server(self, job: Job) -> ParserServer:
        if job.recognition is not None:
            return self._servers["ocr"]
        return self._servers["pages" if job.source.media_type in _PAGES else "light"]

    def _run(
        self,
        job: Job,
        limits: Limits,
        on_progress: Progress | None,
        on_tick: Callable[[], None] | None,
    ) -> None:
        limits = limits.with_ocr() if job.recognition is not None else limits
        wall = limits.wall(job.source.path.stat().st_size)
        server = self._server(job)
        try:
            running = server.spawn(job)
        except OSError:
            running = server.spawn(job)  # it had been killed; ensure_running starts a new one
        try:
            watch = Watch(running, wall, on_progress, on_tick)
            status = watch.wait()
        finally:
            os.close(running.sentinel)
            os.close(running.progress)
        if watch.timed_out:
            raise ParseError(f"not done after {wall:.0f} s", code="timeout")
        _judge(status, job.folder, pressed=watch.peak > _PRESSED * limits.memory)


def _resolved(source: SourceFile) -> SourceFile:
    """The child changes its folder, so the path must be absolute."""
    return replace(source, path=source.path.resolve())


def _modern(job: Job, limits: Limits, on_tick: Callable[[], None] | None) -> tuple[Job, ParseError | None]:
    """An old Office file as Open XML. What cannot be converted stays, with the fault: the child then
    says whether a password or damage was the reason."""
    source = job.source
    target = TARGETS.get(source.media_type)
    if target is None:
        return job, None
    bounds = ConvertLimits(seconds=limits.convert)
    try:
        made = convert(source.path, source.media_type, job.folder, limits=bounds, on_tick=on_tick)
    except ParseError as error:
        return job, error
    return replace(job, source=replace(source, path=made, media_type=target)), None


def _recognising(job: Job, limits: Limits) -> Job:
    size = job.source.path.stat().st_size
    larger = limits.with_ocr()
    return replace(job, cpu_seconds=larger.cpu(size), recognition=larger.budget(size), basic=False)


def _judge(status: int, folder: Path, *, pressed: bool) -> None:
    """Turn an exit status into the ParseError that explains it; nothing for success."""
    outcome = outcome_in(folder) if status == 0 else {}
    if "timings_ms" in outcome:
        return
    if "code" in outcome:
        code = str(outcome["code"])
        raise ParseError(str(outcome.get("detail", "")), code=code, retryable=code == "disk_full")
    if status == -signal.SIGXCPU:
        raise ParseError("processor time used up", code="timeout")
    if pressed:
        raise ParseError("killed for its memory", code="memory")
    if status == -signal.SIGXFSZ:
        raise ParseError("the result is too large", code="too_large")
    # Also a kill that was not for this file: the machine ran out of memory, or the server is stopping.
    raise ParseError(
        f"parser ended with status {status}: {_last_words(folder)}", code="crashed", retryable=True
    )


def _last_words(folder: Path) -> str:
    try:
        return (folder / child.ERRORS).read_bytes()[-300:].decode("utf-8", errors="replace").strip()
    except OSError:
        return ""


def _collected(source: SourceFile, folder: Path, limits: Limits) -> Prepared:
    if max((folder / name).stat().st_size for name in (child.ELEMENTS, child.CHUNKS)) > limits.output_bytes:
        raise ParseError("the result is too large", code="too_large")
    return prepared_in(folder, source)
