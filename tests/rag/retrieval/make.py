"""Small real values for the retrieval tests."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from uuid import UUID, uuid4

from apps.rag.sparse import BigramEncoder
from apps.rag.types import Chunk, EncodedChunk, SearchScope, chunk_id

DIMENSION = 8
ENCODER = BigramEncoder()


def vector(text: str) -> tuple[float, ...]:
    """A unit vector that depends on the text alone: a real, if poor, embedding."""
    raw = [math.sin(zlib.crc32(f"{text}{i}".encode()) % 1000) for i in range(DIMENSION)]
    length = math.sqrt(sum(x * x for x in raw))
    return tuple(x / length for x in raw)


def chunk(
    text: str, *, document: UUID | None = None, generation: int = 1, index: int = 0, title: str = ""
) -> Chunk:
    document = document or uuid4()
    return Chunk(
        id=chunk_id(document, generation, index),
        document_id=document,
        generation=generation,
        index=index,
        title=title,
        text=text,
    )


def encoded(item: Chunk, *, cabinet: UUID, folder: UUID | None = None, dense: bool = True) -> EncodedChunk:
    return EncodedChunk(
        chunk=item,
        cabinet_id=cabinet,
        folder_id=folder or cabinet,
        sparse=ENCODER.encode_documents([item.embedding_text])[0],
        dense=vector(item.text) if dense else None,
    )


def scope(*cabinets: UUID, documents: Sequence[UUID] | None = None) -> SearchScope:
    return SearchScope(
        cabinet_ids=frozenset(cabinets),
        document_ids=None if documents is None else frozenset(documents),
    )


class HashEmbedder:
    """An embedder without a model: `vector`, for the languages it is told."""

    name = "hash"
    dimension = DIMENSION

    def __init__(self, *languages: str) -> None:
        self.languages = frozenset(languages or ("*",))
        self.queries: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        return [list(vector(text)) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        self.queries.append(text)
        return list(vector(text))
