"""What a child process owes to the one that started it: it gives way, and does not outlive it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_FIRST_TO_GO = "500"  # of 1000: the kernel ends such a process before a server of the same size


def die_with(parent: int) -> None:
    """End this process when the thread of `parent` that started it ends, however hard (Linux; elsewhere nothing)."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the call
        os.kill(os.getpid(), signal.SIGKILL)


def step_back(*, by: int = 10) -> None:
    """Give way to the server, in time and in memory: work that is cut off is done again, a dead server is not. With 10 it
    still gets a tenth of a busy processor: with the idle policy or 19 it would seem to stand still."""
    os.nice(by)
    with suppress(OSError, AttributeError):  # a container may forbid it; nice alone does most of it
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    with suppress(OSError):  # no such file on other systems
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)
