"""What was parsed before, as a Parser: to cut a document anew without reading its file again."""

from __future__ import annotations

from apps.rag.parsing.serial import document_from_json
from apps.rag.types import ParsedDocument, SourceFile


class ElementsParser:
    """Reads the JSON of `serial.document_to_json` instead of a file of its own kind."""

    def parse(self, source: SourceFile) -> ParsedDocument:
        """Raises ParseError(code="crashed") for what is not such JSON."""
        return document_from_json(source.path.read_bytes())
