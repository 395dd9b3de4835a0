"""The chunks of a document as a list that is loaded window by window."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import orjson

from apps.cabinets import selectors
from apps.cabinets.models import Chunk, Document

WINDOW = 40
BEFORE = 3


@dataclass(frozen=True, slots=True)
class Passages:
    """`items` are (chunk, its boxes as JSON); `earlier` and `later` are indexes where the neighbours begin."""

    items: list[tuple[Chunk, str]]
    earlier: int | None
    later: int | None


def opened_chunk(document: Document, raw: str) -> Chunk | None:
    """The chunk named in the address, if it is one of those served. A stale link opens the document."""
    try:
        key = UUID(raw)
    except ValueError:
        return None
    return selectors.chunks_of(document).filter(pk=key).first()


def passages_window(document: Document, *, start: int = 0, chunk: Chunk | None = None) -> Passages:
    if chunk is not None:
        start = max(0, chunk.index - BEFORE)
    rows = list(selectors.chunks_of(document).filter(index__gte=start).order_by("index")[: WINDOW + 1])
    shown = rows[:WINDOW]
    return Passages(
        items=[(row, orjson.dumps(row.boxes).decode()) for row in shown],
        earlier=max(0, start - WINDOW) if start else None,
        later=rows[WINDOW].index if len(rows) > WINDOW else None,
    )
