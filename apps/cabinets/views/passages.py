"""The chunks of a document as a list that is loaded window by window."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

import orjson
from django.utils.safestring import SafeString

from apps.cabinets import selectors
from apps.cabinets.models import Chunk, Document
from apps.core.markdown import render_markdown

WINDOW = 40
BEFORE = 3
TABLE_RULE = re.compile(r"^\|(?: ?:?-{3,}:? ?\|)+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk with its boxes as JSON, and as HTML where it holds a table ("" where it is plain text)."""

    chunk: Chunk
    boxes: str
    html: SafeString


@dataclass(frozen=True, slots=True)
class Passages:
    """`earlier` and `later` are indexes where the neighbours begin; None at the ends."""

    items: list[Passage]
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
        items=[Passage(row, orjson.dumps(row.boxes).decode(), _tables(row.text)) for row in shown],
        earlier=max(0, start - WINDOW) if start else None,
        later=rows[WINDOW].index if len(rows) > WINDOW else None,
    )


def _tables(text: str) -> SafeString:
    """Lines outside the table keep their ends, which Markdown would run together."""
    if not TABLE_RULE.search(text):
        return SafeString("")
    return render_markdown(
        "\n".join(line if line.startswith("|") else f"{line}  " for line in text.split("\n"))
    )
