"""Values that pass between the stages of the pipeline. Frozen, plain, free of Django.

Coordinates: a box is in PDF points with the origin at the top left of its page, so that a page
image rendered at any scale can draw it. Pages count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid5

ElementKind = Literal["title", "heading", "paragraph", "list", "table", "image", "code"]
SearchMode = Literal["hybrid", "dense", "sparse"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in PDF points, origin top left."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The seam between the application and rag: what a parser needs to know of a document."""

    document_id: UUID
    generation: int
    cabinet_id: UUID
    folder_id: UUID
    title: str
    path: Path
    media_type: str


@dataclass(frozen=True, slots=True)
class Element:
    """One parsed unit. `text` of a table is Markdown with its header row; `headings` is the path
    of headings above the element, outermost first; `sheet` and `cells` ("A2:F9") for spreadsheets."""

    kind: ElementKind
    text: str
    page: int | None = None
    box: Box | None = None
    headings: tuple[str, ...] = ()
    level: int | None = None
    sheet: str | None = None
    cells: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """`page_count` is None for formats without pages; `warnings` are sentences for the user;
    `page_sizes` holds (width, height) in points of each page, empty without pages."""

    elements: Sequence[Element]
    page_count: int | None = None
    language: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    page_sizes: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage as it is indexed and shown. `id` is uuid5(document, "generation:index")."""

    id: UUID
    document_id: UUID
    generation: int
    index: int
    title: str
    text: str
    headings: tuple[str, ...] = ()
    page_start: int | None = None
    page_end: int | None = None
    boxes: tuple[Box, ...] = ()
    sheet: str | None = None
    cells: str | None = None
    language: str | None = None

    @property
    def embedding_text(self) -> str:
        """Title, headings and text, as encoders read them."""
        return "\n".join(part for part in (self.title, " › ".join(self.headings), self.text) if part)


def chunk_id(document_id: UUID, generation: int, index: int) -> UUID:
    return uuid5(document_id, f"{generation}:{index}")


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids (unsigned 32 bit, ascending, unique) and their weights."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class EncodedChunk:
    """A chunk ready for the store. `dense` is None where the embedder cannot read its language."""

    chunk: Chunk
    cabinet_id: UUID
    folder_id: UUID
    sparse: SparseVector
    dense: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class SearchScope:
    """What may be searched. A None axis is not restricted; an empty axis, or no axis at all,
    has no hits (fail closed). Where some cabinets are searched whole and of others only some folders, these are
    `folder_ids` and those `or_cabinet_ids`; scope_of_places makes such a scope."""

    cabinet_ids: frozenset[UUID] | None = None
    folder_ids: frozenset[UUID] | None = None
    document_ids: frozenset[UUID] | None = None
    as_of: date | None = None
    or_cabinet_ids: frozenset[UUID] = frozenset()

    def __post_init__(self) -> None:
        if self.or_cabinet_ids and not self.folder_ids:
            raise ValueError("Cabinets beside folders need folders; cabinets alone are cabinet_ids.")

    @property
    def is_empty(self) -> bool:
        axes = (self.cabinet_ids, self.folder_ids, self.document_ids)
        return all(axis is None for axis in axes) or any(axis is not None and not axis for axis in axes)


def scope_of_places(
    cabinets: frozenset[UUID],
    folders: frozenset[UUID],
    *,
    document_ids: frozenset[UUID] | None = None,
    as_of: date | None = None,
) -> SearchScope:
    """What lies in one of these cabinets or of these folders; nothing where neither is named."""
    if not folders:
        return SearchScope(cabinet_ids=cabinets, document_ids=document_ids, as_of=as_of)
    return SearchScope(folder_ids=folders, or_cabinet_ids=cabinets, document_ids=document_ids, as_of=as_of)


@dataclass(frozen=True, slots=True)
class Hit:
    """One point that a leg of the store returned."""

    chunk_id: UUID
    document_id: UUID
    generation: int
    score: float


@dataclass(frozen=True, slots=True)
class ScoredChunk:
    """A retrieved passage. `scores` holds dense, sparse, exact, fused, rerank where they apply."""

    chunk: Chunk
    score: float
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered passage shown to the model; numbers count from 1. `before` and `after` are what stands
    around it in its section, for reading only: the passage is what is cited and opened."""

    number: int
    passage: ScoredChunk
    before: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        """The passage with its surroundings."""
        return f"{self.before}{self.passage.chunk.text}{self.after}"


@dataclass(frozen=True, slots=True)
class Usage:
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Retrieved:
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Reasoning:
    text: str


@dataclass(frozen=True, slots=True)
class Delta:
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    finish_reason: str
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """`code` is one of errors.MODEL_ERROR_CODES; the sentence for the user is made from it."""

    code: str
    detail: str = ""


AnswerEvent = Retrieved | Reasoning | Delta | Finished | Failed
