"""What a parser child gives up before it opens a file: time, memory, network, environment."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import tempfile
from pathlib import Path

from apps.rag.processes import die_with, step_back

_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_PR_SET_NO_NEW_PRIVS = 38
_FORBIDDEN = frozenset(
    "socket.__new__ socket.connect socket.getaddrinfo socket.gethostbyname socket.bind socket.sendto"
    " subprocess.Popen os.system os.exec os.posix_spawn os.fork os.forkpty os.spawn pty.spawn".split()
)
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ")
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "SCARF_NO_ANALYTICS": "1",
    "DO_NOT_TRACK": "1",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
    "HF_HUB_OFFLINE": "1",
}


def clean_environment() -> dict[str, str]:
    """The allow-list: no secrets of the application reach a parser."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | ENVIRONMENT


def confine(
    folder: Path, *, memory: int, cpu_seconds: int, file_bytes: int, open_files: int, parent: int
) -> None:
    """Shut the calling process in. `memory` is what it may take on top of what it has, in bytes;
    `parent` is the process whose end it must not outlive."""
    os.setsid()
    die_with(parent)
    _gain_no_privileges()
    # What the fork server loaded is kept compiled, what a file made us load is not.
    sys.dont_write_bytecode = True
    os.environ.clear()
    os.environ.update(clean_environment() | {"HOME": str(folder), "TMPDIR": str(folder)})
    os.chdir(folder)
    tempfile.tempdir = str(folder)
    os.umask(0o077)
    step_back()
    _leave_network()
    _set_limits(memory=memory, cpu_seconds=cpu_seconds, file_bytes=file_bytes, open_files=open_files)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _gain_no_privileges() -> None:
    if sys.platform.startswith("linux"):
        _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _leave_network() -> None:
    """No network for native code where the kernel lets us, and in any case neither sockets nor
    processes for Python code."""
    leave_network()
    sys.addaudithook(_refuse)


def leave_network() -> None:
    """A network namespace with nothing in it, where the kernel lets us."""
    if sys.platform.startswith("linux"):
        _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC)


def _refuse(event: str, _: object) -> None:
    """Python's own gate, for kernels that allow no namespace and for root, whom the limit of
    processes does not bind. Cannot be taken off again."""
    if event in _FORBIDDEN:
        raise PermissionError(f"a parser may not {event}")


def _set_limits(*, memory: int, cpu_seconds: int, file_bytes: int, open_files: int) -> None:
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if _has_proc() else 0
    wanted = {
        resource.RLIMIT_AS: (held + memory, held + memory),
        resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds + 5),
        resource.RLIMIT_FSIZE: (file_bytes, file_bytes),
        resource.RLIMIT_NOFILE: (open_files, open_files),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NPROC: (0, 0),  # no helper processes, no threads
    }
    for kind, (soft, hard) in wanted.items():
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(kind, (soft, hard))


def _has_proc() -> bool:
    return os.path.exists("/proc/self/statm")
