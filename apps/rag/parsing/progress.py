"""How far a parser is: it calls `step`, whoever runs it listens. Nobody listens by default."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """`share` (0–1) of the stage "parse" or "chunk" is done; `done` of `total` pages, sheets or slides, both 0
    where they are not counted."""

    stage: str
    share: float
    done: int = 0
    total: int = 0


_listener: ContextVar[Callable[[int, int], None] | None] = ContextVar("parse_progress", default=None)


def listen(listener: Callable[[int, int], None] | None) -> None:
    """Send further steps of this context to `listener`, as (done, total)."""
    _listener.set(listener)


def step(done: int, total: int) -> None:
    """`done` of `total` pages, sheets or slides are read."""
    listener = _listener.get()
    if listener is not None and total > 0:
        listener(min(done, total), total)
