"""How much may be recognised for one file, and whether in this process at all.

In the common parser child recognition is not allowed: it raises ParseError("needs_ocr"), and
sandbox.ParserPool reads the file again in a child of the group that has the engine.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from apps.rag.errors import ParseError
from apps.rag.parsing.ocr.engine import engine, engine_name
from apps.rag.parsing.ocr.line import Line


@dataclass(frozen=True, slots=True)
class Budget:
    """For one upload with all that is inside it: pages, seconds of processor and of wall time."""

    pages: int = 300
    cpu: float = 2000
    wall: float = 2100


class Session:
    """Counts what was spent. `allowed` is False where another child has to do the work, `basic` is True in a
    first look, which leaves out what takes long and counts it in `put_off`."""

    def __init__(self, budget: Budget, *, allowed: bool = True, basic: bool = False) -> None:
        self._budget, self._allowed, self.basic = budget, allowed, basic
        self.put_off = 0
        self._pages = 0
        self._cpu, self._wall = time.process_time(), time.monotonic()
        self._slowest = 0.0

    @property
    def available(self) -> bool:
        """Whether there is an engine, here or in the other child."""
        return engine_name() is not None

    def may_read(self) -> bool:
        """Whether a further page fits the budget. Raises ParseError(needs_ocr) where it is the work of
        another child."""
        if self.basic:
            self.put_off += 1
            return False
        if not self._allowed:
            raise ParseError("pages have to be recognised", code="needs_ocr")
        return (
            self._pages < self._budget.pages
            and time.process_time() - self._cpu < self._budget.cpu
            and time.monotonic() - self._wall + self._slowest < self._budget.wall
        )

    @property
    def unread(self) -> str:
        """The code of the note about pages that may not be read."""
        return "recognised_later" if self.basic else "not_recognised"

    def read(self, image: Any) -> list[Line]:
        """The lines of a PIL image in mode RGB; none without an engine."""
        started = time.monotonic()
        found = engine()
        lines = found.read(image) if found is not None else []
        self._pages += 1
        self._slowest = max(self._slowest, time.monotonic() - started)
        return lines


_session: ContextVar[Session | None] = ContextVar("ocr_session", default=None)


def begin(budget: Budget | None, *, basic: bool = False) -> Session:
    """Set the budget of this context's file; None forbids recognition here, a `basic` look puts it off."""
    begun = Session(budget or Budget(), allowed=budget is not None, basic=basic)
    _session.set(begun)
    return begun


def session() -> Session:
    """The context's session; a fresh one, allowed, where none was begun (a parser called directly)."""
    return _session.get() or Session(Budget())
