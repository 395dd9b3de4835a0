"""How far a parser is: it calls `step`, whoever runs it listens. Nobody listens by default."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

_listener: ContextVar[Callable[[float], None] | None] = ContextVar("parse_progress", default=None)


def listen(listener: Callable[[float], None] | None) -> None:
    """Send further steps of this context to `listener`, a share of the work from 0 to 1."""
    _listener.set(listener)


def step(done: int, total: int) -> None:
    """`done` of `total` pages, sheets or slides are read."""
    listener = _listener.get()
    if listener is not None and total > 0:
        listener(min(1.0, done / total))
