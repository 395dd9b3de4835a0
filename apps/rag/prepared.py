"""What a parser child made of a file: elements and passages on disk, read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from apps.rag.errors import ParseError
from apps.rag.parsing.child import CHUNKS, ELEMENTS, RESULT
from apps.rag.parsing.serial import chunk_from_json
from apps.rag.parsing.stored import elements_in, summary_in
from apps.rag.types import Chunk, Element, ParsedDocument, SourceFile

VERSION = 3  # of what parsers and chunkers make: raised whenever the same file would give something else
FILES = (ELEMENTS, CHUNKS, RESULT)
_LONGEST = 16 * 1024 * 1024  # bytes of one passage; the child is not trusted
_MOST_CHUNKS = 2_000_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """`summary` is the document without its elements. `folder` lies below the caller's `workdir`; move it away
    before deleting that. Ids and titles of the passages are those of `source`."""

    source: SourceFile
    folder: Path
    summary: ParsedDocument
    chunk_count: int
    timings_ms: dict[str, int]
    put_off: int = 0  # pages and tables that a first look left out: 0 when all of the file was read

    @property
    def elements_path(self) -> Path:
        return self.folder / ELEMENTS

    def elements(self) -> Iterator[Element]:
        return elements_in(self.elements_path)

    def each_chunk(self) -> Iterator[Chunk]:
        """The passages in order. Raises ParseError(code="crashed") where the child left something else."""
        count = 0
        with (self.folder / CHUNKS).open("rb") as file:
            while line := file.readline(_LONGEST):
                yield chunk_from_json(line, self.source, index=count)
                count += 1
        if count != self.chunk_count:
            raise ParseError(f"{count} of {self.chunk_count} passages", code="crashed")

    @property
    def chunks(self) -> list[Chunk]:
        """All passages at once: for short documents."""
        return list(self.each_chunk())

    @property
    def document(self) -> ParsedDocument:
        """The document with all its elements: for short ones."""
        return replace(self.summary, elements=tuple(self.elements()))


def prepared_in(folder: Path, source: SourceFile) -> Prepared:
    """What a child left in its folder. Raises ParseError(code="crashed") for what does not fit together."""
    outcome = outcome_in(folder)
    timings, count = outcome.get("timings_ms"), outcome.get("chunks")
    if not isinstance(timings, dict) or not isinstance(count, int) or not 0 < count <= _MOST_CHUNKS:
        raise ParseError("no result", code="crashed")
    return Prepared(
        source=source,
        folder=folder,
        summary=summary_in(folder / ELEMENTS),
        chunk_count=count,
        timings_ms={str(key): int(value) for key, value in timings.items()},
        put_off=int(str(outcome.get("put_off", 0))),
    )


def outcome_in(folder: Path) -> dict[str, object]:
    """What the child said at its end; empty where it said nothing."""
    try:
        outcome = orjson.loads((folder / RESULT).read_bytes())
    except (OSError, ValueError):
        return {}
    return outcome if isinstance(outcome, dict) else {}
