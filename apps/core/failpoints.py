"""Faults on purpose, for tests with real processes: ASKIVE_FAILPOINT=name[:action[:number]], several with commas.

Without the variable a failpoint is one look into the environment. Actions: kill (the default, as kill -9) and
stop (as SIGSTOP, until somebody sends SIGCONT) act at the number-th time that this process comes by, raise
each time, sleep each time for so many seconds; the number is 1 unless given.
"""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterator

VARIABLE = "ASKIVE_FAILPOINT"
ACTIONS = ("kill", "stop", "raise", "sleep")
_passes: dict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))


class FailpointReached(Exception):
    """The fault that `raise` stands for."""


def failpoint(name: str) -> None:
    """Do here what the environment asks for. Raises FailpointReached, or ValueError for an unknown action."""
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    for entry in wanted.split(","):
        point, _, rest = entry.strip().partition(":")
        if point == name:
            action, _, number = rest.partition(":")
            _act(name, action or "kill", float(number or 1))


def _act(name: str, action: str, number: float) -> None:
    if action not in ACTIONS:
        raise ValueError(f"{VARIABLE}: the action of {name} is one of {', '.join(ACTIONS)}, not {action!r}")
    if action == "sleep":
        time.sleep(number)
    elif action == "raise":
        raise FailpointReached(name)
    elif next(_passes[name]) == number:
        os.kill(os.getpid(), signal.SIGKILL if action == "kill" else signal.SIGSTOP)
