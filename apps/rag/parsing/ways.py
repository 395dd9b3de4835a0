"""Reading a file otherwise than usual: with its running headers and footers, or with attachments laid aside.

Headers and footers are left out by default: they repeat on every page, tear sentences apart and answer no
question. Attachments that are laid aside become documents of their own; by default they are read with the mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from apps.rag.types import Element, ParsedDocument, SourceFile

_ways: ContextVar[Ways | None] = ContextVar("ways_of_reading", default=None)


@dataclass(frozen=True, slots=True)
class Ways:
    whole_pages: bool = False
    attachments_apart: bool = False


def keeps_furniture() -> bool:
    """Whether the file that this context reads keeps headers, footers and page numbers."""
    return (_ways.get() or Ways()).whole_pages


def attachments_apart() -> bool:
    """Whether attachments are written to the folder of work instead of being read."""
    return (_ways.get() or Ways()).attachments_apart


@contextmanager
def reading(ways: Ways) -> Iterator[None]:
    token = _ways.set(ways)
    try:
        yield
    finally:
        _ways.reset(token)


@dataclass(frozen=True, slots=True)
class WaysParser:
    """The pipeline's Parser for every kind of file, in these ways. Small, so that it can travel to a parser
    child."""

    ways: Ways

    def parse(self, source: SourceFile) -> ParsedDocument:
        """Raises ParseError as AutoParser."""
        from apps.rag.parsing.parser import AutoParser

        with reading(self.ways):
            return AutoParser().parse(source)

    def stream(self, source: SourceFile, emit: Callable[[Element], None]) -> ParsedDocument:
        """The same, element by element. Raises as `parse`."""
        from apps.rag.parsing.parser import AutoParser

        with reading(self.ways):
            return AutoParser().stream(source, emit)
