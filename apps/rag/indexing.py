"""Encoding and writing chunks: plain calls in order, no Django."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from uuid import UUID

from apps.rag.errors import StoreError
from apps.rag.interfaces import Embedder, SparseEncoder, VectorStore
from apps.rag.types import Chunk, EncodedChunk, SourceFile

BATCH = 256  # chunks of a document that are held at a time
EMBED_BATCH = 64
WRITE_BATCH = 64  # small, since the embedded engine may hold the interpreter while it writes


def competent(embedder: Embedder, language: str | None) -> bool:
    """Whether a model that names its languages reads this one. An unknown language counts as read
    only by a model that reads all."""
    return "*" in embedder.languages or (language or "") in embedder.languages


def encode(
    source: SourceFile,
    chunks: Sequence[Chunk],
    *,
    embedder: Embedder,
    sparse: SparseEncoder,
    on_progress: Callable[[float], None] | None = None,
) -> list[EncodedChunk]:
    """Sparse vectors for all chunks, dense ones where the embedder reads the chunk's language."""
    texts = [chunk.embedding_text for chunk in chunks]
    vectors: dict[int, list[float]] = {}
    readable = [number for number, chunk in enumerate(chunks) if competent(embedder, chunk.language)]
    for start in range(0, len(readable), EMBED_BATCH):
        batch = readable[start : start + EMBED_BATCH]
        embedded = embedder.embed_documents([texts[number] for number in batch])
        vectors.update(zip(batch, embedded, strict=True))
        if on_progress:
            on_progress((start + len(batch)) / len(readable))
    return [
        EncodedChunk(
            chunk=chunk,
            cabinet_id=source.cabinet_id,
            folder_id=source.folder_id,
            sparse=weights,
            dense=tuple(vectors[number]) if number in vectors else None,
        )
        for number, (chunk, weights) in enumerate(zip(chunks, sparse.encode_documents(texts), strict=True))
    ]


def write(
    points: Sequence[EncodedChunk],
    document_id: UUID,
    generation: int,
    *,
    served: int | None,
    store: VectorStore,
) -> None:
    """All points of a generation at once; see the three steps. Raises StoreError."""
    begin(document_id, generation, served=served, store=store)
    add(points, store=store)
    finish(document_id, generation, expected=len(points), store=store)


def begin(document_id: UUID, generation: int, *, served: int | None, store: VectorStore) -> None:
    """Remove what earlier attempts left: the generations before this one but the `served`. Nothing here can
    touch a later generation, so a worker that wakes after its lease harms nobody. Raises StoreError."""
    kept = store.count(document_id, generation=served) if served is not None else 0
    if store.count(document_id) != kept:
        store.delete(document_id, keep_generation=served, below=generation)


def add(
    points: Sequence[EncodedChunk], *, store: VectorStore, on_batch: Callable[[], None] | None = None
) -> None:
    """Write points in batches. Raises StoreError."""
    for start in range(0, len(points), WRITE_BATCH):
        store.upsert(points[start : start + WRITE_BATCH])
        if on_batch:
            on_batch()


def finish(document_id: UUID, generation: int, *, expected: int, store: VectorStore) -> None:
    """Count what arrived. Raises StoreError(store_incomplete) if the count does not fit."""
    found = store.count(document_id, generation=generation)
    if found != expected:
        raise StoreError(f"{found} of {expected} points", code="store_incomplete", retryable=True)


def batches(chunks: Iterable[Chunk]) -> Iterator[list[Chunk]]:
    """Lists of BATCH chunks, the last one shorter."""
    remaining = iter(chunks)
    while batch := list(islice(remaining, BATCH)):
        yield batch
