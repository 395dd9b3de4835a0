"""Between a chunk of the pipeline and its row."""

from __future__ import annotations

from apps.cabinets.models import Chunk
from apps.rag.types import Chunk as Passage


def chunk_row(chunk: Passage, *, enabled: bool) -> Chunk:
    """An unsaved row; what is too long for its column is cut."""
    return Chunk(
        id=chunk.id,
        document_id=chunk.document_id,
        generation=chunk.generation,
        index=chunk.index,
        text=chunk.text,
        headings=list(chunk.headings),
        page_start=chunk.page_start,
        page_end=chunk.page_end,
        boxes=[
            [box.page, *(round(side, 1) for side in (box.x0, box.y0, box.x1, box.y1))] for box in chunk.boxes
        ],
        sheet=(chunk.sheet or "")[:120],
        cells=(chunk.cells or "")[:60],
        language=(chunk.language or "")[:10],
        enabled=enabled,
    )
