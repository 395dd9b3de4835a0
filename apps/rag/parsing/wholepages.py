"""Reading a file with its running headers and footers, where somebody asked for them.

Left out by default: they repeat on every page, tear sentences apart and answer no question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from apps.rag.types import Element, ParsedDocument, SourceFile

_kept: ContextVar[bool] = ContextVar("page_furniture_is_kept", default=False)


def keeps_furniture() -> bool:
    """Whether the file that this context reads keeps headers, footers and page numbers."""
    return _kept.get()


@contextmanager
def keeping_furniture() -> Iterator[None]:
    token = _kept.set(True)
    try:
        yield
    finally:
        _kept.reset(token)


class WholePagesParser:
    """The pipeline's Parser for every kind of file, headers and footers kept. Small, so that it can travel
    to a parser child."""

    def parse(self, source: SourceFile) -> ParsedDocument:
        """Raises ParseError as AutoParser."""
        from apps.rag.parsing.parser import AutoParser

        with keeping_furniture():
            return AutoParser().parse(source)

    def stream(self, source: SourceFile, emit: Callable[[Element], None]) -> ParsedDocument:
        """The same, element by element. Raises as `parse`."""
        from apps.rag.parsing.parser import AutoParser

        with keeping_furniture():
            return AutoParser().stream(source, emit)
