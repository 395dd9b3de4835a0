"""One list of passages from several searches for one question: its parts, or its words in two languages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from uuid import UUID

from apps.rag.types import ScoredChunk


def merged(lists: Sequence[Sequence[ScoredChunk]], *, limit: int) -> list[ScoredChunk]:
    """The best of each list in turn, each passage once: scores of different questions cannot be compared."""
    found: dict[UUID, ScoredChunk] = {}
    for rank in zip_longest(*lists):
        for passage in rank:
            if passage is not None:
                found.setdefault(passage.chunk.id, passage)
    return list(found.values())[:limit]
