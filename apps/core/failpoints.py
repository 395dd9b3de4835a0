"""Faults on purpose, for tests with real processes: ASKIVE_FAILPOINT=name[:action[:seconds]], several with commas.

Without the variable a failpoint is one look into the environment. Actions: kill (the default, as kill -9),
stop (as SIGSTOP, until somebody sends SIGCONT; once a process), raise, sleep (seconds, default 1).
"""

from __future__ import annotations

import os
import signal
import time

VARIABLE = "ASKIVE_FAILPOINT"
ACTIONS = ("kill", "stop", "raise", "sleep")
_stopped: set[str] = set()


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
            action, _, seconds = rest.partition(":")
            _act(name, action or "kill", float(seconds or 1))


def _act(name: str, action: str, seconds: float) -> None:
    if action not in ACTIONS:
        raise ValueError(f"{VARIABLE}: the action of {name} is one of {', '.join(ACTIONS)}, not {action!r}")
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop" and name not in _stopped:
        _stopped.add(name)
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action == "raise":
        raise FailpointReached(name)
    elif action == "sleep":
        time.sleep(seconds)
