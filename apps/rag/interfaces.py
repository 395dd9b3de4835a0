"""The seams of the pipeline. Each is chosen by a dotted path in settings.RAG."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from apps.rag.types import (
    AnswerEvent,
    Chunk,
    Element,
    EncodedChunk,
    Hit,
    ParsedDocument,
    SearchScope,
    SourceFile,
    SparseVector,
)

Message = dict[str, str]  # {"role": "system|user|assistant", "content": text}, as the chat endpoints take it


class Parser(Protocol):
    def parse(self, source: SourceFile) -> ParsedDocument:
        """Read one file. Raises ParseError."""


@runtime_checkable
class StreamingParser(Parser, Protocol):
    """A parser that need not hold a long file."""

    def stream(self, source: SourceFile, emit: Callable[[Element], None]) -> ParsedDocument:
        """Send the elements as they are read; the document comes back without them. Raises ParseError."""


class Chunker(Protocol):
    def split(self, source: SourceFile, document: ParsedDocument) -> list[Chunk]:
        """Cut a parsed document into passages, in reading order, indexed from 0."""

    def stream(
        self, source: SourceFile, elements: Iterable[Element], *, language: str | None = None
    ) -> Iterator[Chunk]:
        """The same passages of elements that come one by one; `language` is that of the document."""


class Embedder(Protocol):
    name: str
    dimension: int
    languages: frozenset[str]  # ISO 639-1 codes that the model reads; {"*"} for all

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        """Unit vectors, one a text, in order. Raises EmbedError."""

    def embed_query(self, text: str) -> list[float]:
        """One unit vector. Raises EmbedError."""


class SparseEncoder(Protocol):
    def encode_documents(self, texts: Sequence[str]) -> list[SparseVector]: ...

    def encode_query(self, text: str) -> SparseVector: ...


class VectorStore(Protocol):
    """Every method raises StoreError. A scope that is_empty has no hits and counts 0."""

    def prepare(self, *, dimension: int) -> None:
        """Create the collection and its indexes, or check that what is there fits."""

    def upsert(self, points: Sequence[EncodedChunk]) -> None:
        """Write and wait until the points are readable. Batches of at most 256."""

    def search_dense(self, vector: Sequence[float], scope: SearchScope, *, limit: int) -> list[Hit]: ...

    def search_sparse(self, vector: SparseVector, scope: SearchScope, *, limit: int) -> list[Hit]: ...

    def delete(
        self, document_id: UUID, *, keep_generation: int | None = None, below: int | None = None
    ) -> None:
        """Remove a document's points: of all generations or only of those `below` one, in either case
        without those of `keep_generation`; waits."""

    def move(self, document_id: UUID, *, cabinet_id: UUID, folder_id: UUID) -> None:
        """Rewrite where a document's points belong; waits."""

    def count(self, document_id: UUID | None = None, *, generation: int | None = None) -> int:
        """Exact number of points: all, of a document, or of one generation."""

    def point_ids(self, document_id: UUID) -> set[tuple[UUID, int]]:
        """(chunk id, generation) of every point of a document."""

    def places(self, document_id: UUID) -> set[tuple[UUID, UUID]]:
        """(cabinet id, folder id) that a document's points carry: one, unless a move was cut off."""

    def document_ids(self) -> Iterable[UUID]:
        """Every document that has a point, once each."""

    def maintain(self, *, stopped: Callable[[], bool]) -> bool:
        """Bring the index into the shape that answers fast, while it serves; ends early when `stopped`. True if
        something was changed: to be called again and again, from one thread."""

    def close(self) -> None: ...

    def drop(self) -> None:
        """Remove the collection with all its points, and close."""


class Reranker(Protocol):
    name: str

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """A relevance in 0–1 for each text. Raises RerankError."""


class LLM(Protocol):
    name: str

    def stream(
        self, messages: Sequence[Message], *, model: str, parameters: Mapping[str, Any]
    ) -> AsyncIterator[AnswerEvent]:
        """Reasoning and Delta events, ended by exactly one Finished or Failed. Never raises for
        a fault of the endpoint."""
