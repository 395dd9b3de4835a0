"""Old binary Office files to Open XML with LibreOffice, where it is installed.

LibreOffice is a program of millions of lines that reads hostile files, so it runs in a process of its
own: no network, a profile and a home in the throw-away folder, limits of memory, processor time and
file size, a clean environment, and an end when its time is over. Macros and links are switched off.
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from apps.rag.errors import ParseError
from apps.rag.parsing import sniff
from apps.rag.parsing.confine import clean_environment

_ROOT = Path(__file__).resolve().parents[3]
_TICK = 0.2  # seconds
_PROGRAMS = ("soffice", "libreoffice")
TARGETS = {sniff.DOC: sniff.DOCX, sniff.WPS: sniff.DOCX, sniff.PPT: sniff.PPTX}
_SUFFIXES = {sniff.DOC: ("doc", "docx"), sniff.WPS: ("doc", "docx"), sniff.PPT: ("ppt", "pptx")}


@dataclass(frozen=True, slots=True)
class ConvertLimits:
    """`memory` and `file_bytes` in bytes, `seconds` of wall and of processor time."""

    memory: int = 4 * 1024**3
    file_bytes: int = 512 * 1024**2
    seconds: float = 180


@lru_cache(maxsize=1)
def program() -> str | None:
    """The path of LibreOffice, None where it is not installed."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


def convert(
    path: Path,
    media_type: str,
    folder: Path,
    *,
    limits: ConvertLimits | None = None,
    on_tick: Callable[[], None] | None = None,
) -> Path:
    """The file as docx or pptx below `folder`; what `on_tick` raises (it is called several times a
    second) ends the conversion. Raises ParseError: needs_libreoffice, "corrupt" for
    what LibreOffice cannot open (also for a file under a password), "timeout"."""
    limits = limits or ConvertLimits()
    found = program()
    if found is None:
        raise ParseError("LibreOffice is not installed", code="needs_libreoffice")
    old, new = _SUFFIXES[media_type]
    work = folder / "convert"
    work.mkdir(mode=0o700)
    original = work / f"original.{old}"
    shutil.copyfile(path, original)
    status = _run(found, original, new, limits, on_tick)
    made = work / "out" / f"original.{new}"
    if not made.is_file() or made.is_symlink() or not made.stat().st_size:
        raise ParseError(f"LibreOffice made no file (status {status})", code="corrupt")
    kept = folder / f"converted.{new}"
    made.replace(kept)
    shutil.rmtree(work, ignore_errors=True)
    return kept


def _run(
    found: str, original: Path, suffix: str, limits: ConvertLimits, on_tick: Callable[[], None] | None
) -> int:
    home = str(original.parent)
    numbers = (limits.memory, math.ceil(limits.seconds), limits.file_bytes)
    command = [sys.executable, "-m", "apps.rag.parsing.convertchild", found, str(original), suffix]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and code; the file is named by us
        [*command, *map(str, numbers)],
        cwd=_ROOT,
        env=clean_environment() | {"HOME": home, "TMPDIR": home},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            return _wait(process, limits.seconds, on_tick)
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], seconds: float, on_tick: Callable[[], None] | None) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=_TICK)
        if on_tick is not None:
            on_tick()
    raise ParseError(f"LibreOffice took over {seconds:.0f} s", code="timeout")
