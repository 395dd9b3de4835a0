"""What was parsed before, as a Parser: to cut a document anew without reading its file again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from apps.rag.parsing.stored import elements_in, summary_in
from apps.rag.types import Element, ParsedDocument, SourceFile


class ElementsParser:
    """Reads a file of elements (`stored.ElementsWriter`) instead of a file of its own kind."""

    def parse(self, source: SourceFile) -> ParsedDocument:
        """Raises ParseError(code="crashed") for what is no such file."""
        return replace(summary_in(source.path), elements=tuple(elements_in(source.path)))

    def stream(self, source: SourceFile, emit: Callable[[Element], None]) -> ParsedDocument:
        """The same, element by element. Raises as `parse`."""
        for element in elements_in(source.path):
            emit(element)
        return summary_in(source.path)
