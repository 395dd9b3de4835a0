"""Shapes of the REST contract for cabinets and documents. Fields may be added, never renamed."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from apps.cabinets.api.schemas_rights import RoleName
from apps.cabinets.messages import sentence
from apps.cabinets.models import Document
from apps.cabinets.services.metadata import shown_metadata
from apps.cabinets.validity import validity_of


class CabinetIn(Schema):
    name: str = Field(..., max_length=200)
    description: str = Field("", max_length=2000)


class CabinetPatch(Schema):
    name: str | None = Field(None, max_length=200)
    description: str | None = Field(None, max_length=2000)


class CabinetOut(Schema):
    id: UUID
    name: str
    slug: str
    description: str
    role: RoleName
    document_count: int
    created_at: datetime


class CabinetList(Schema):
    items: list[CabinetOut]
    next_cursor: str | None


class FolderIn(Schema):
    name: str = Field(..., max_length=200)
    parent_id: UUID | None = None


class FolderPatch(Schema):
    name: str | None = Field(None, max_length=200)
    parent_id: UUID | None = None


class FolderOut(Schema):
    id: UUID
    name: str
    parent_id: UUID | None
    path: str
    inherits: bool
    closed: bool = Field(description="It or a folder above it does not inherit.")
    document_count: int | None = None


class FolderList(Schema):
    items: list[FolderOut]
    next_cursor: str | None = None


class DocumentError(Schema):
    code: str
    message: str
    retryable: bool


class DocumentOut(Schema):
    id: UUID
    title: str
    filename: str
    media_type: str
    size: int
    sha256: str
    cabinet_id: UUID
    folder_id: UUID
    parent_id: UUID | None = Field(description="Of an attachment: the mail that holds it.")
    status: Literal["queued", "processing", "ready", "failed", "deleting"]
    stage: str | None
    progress: float
    queue_position: int | None
    expected_seconds: int | None
    waiting_for: Literal["turn", "worker", "retry"] | None
    error: DocumentError | None
    warnings: list[str]
    page_count: int | None
    chunk_count: int
    generation: int
    version: int
    depth: Literal["basic", "full"] | None
    quality: str = Field(description="The former name of `depth`.")
    deepening: bool
    pages_done: int
    pages_total: int
    language: str
    metadata: dict[str, Any]
    suggested: dict[str, Any]
    confirmed_at: datetime | None
    options: dict[str, bool | int]
    validity: Literal["in_force", "pending", "superseded", "repealed"] | None
    tags: list[str]
    secrecy: int = Field(description="0 public, 1 internal, 2 confidential, 3 secret")
    created_at: datetime
    ready_at: datetime | None
    timings_ms: dict[str, int]
    searchable: bool = Field(alias="is_searchable")

    @staticmethod
    def resolve_metadata(document: Document) -> dict[str, Any]:
        return shown_metadata(document)

    @staticmethod
    def resolve_validity(document: Document) -> str | None:
        return validity_of(document) or None

    @staticmethod
    def resolve_warnings(document: Document) -> list[str]:
        return document.notes

    @staticmethod
    def resolve_depth(document: Document) -> str | None:
        return document.depth or None

    @staticmethod
    def resolve_quality(document: Document) -> str:
        return document.depth or Document.Depth.BASIC

    @staticmethod
    def resolve_status(document: Document) -> str:
        return document.shown_status

    @staticmethod
    def resolve_progress(document: Document) -> float:
        return 1 if document.is_deepened else document.progress

    @staticmethod
    def resolve_stage(document: Document) -> str | None:
        return None if document.is_deepened else document.stage or None

    @staticmethod
    def resolve_queue_position(document: Document) -> int | None:
        return getattr(getattr(document, "waiting", None), "position", None)

    @staticmethod
    def resolve_expected_seconds(document: Document) -> int | None:
        return getattr(getattr(document, "waiting", None), "seconds", None)

    @staticmethod
    def resolve_waiting_for(document: Document) -> str | None:
        return getattr(getattr(document, "waiting", None), "waiting_for", None)

    @staticmethod
    def resolve_error(document: Document) -> dict[str, Any] | None:
        if document.status != Document.Status.FAILED or not document.error_code:
            return None
        return {
            "code": document.error_code,
            "message": sentence(document.error_code),
            "retryable": document.error_retryable,
        }


class Rejected(Schema):
    """A file that was not accepted, with the sentence why; the others go on."""

    filename: str
    status: int
    code: str
    message: str


class UploadOut(Schema):
    items: list[DocumentOut]
    rejected: list[Rejected] = []


class DocumentList(Schema):
    items: list[DocumentOut]
    next_cursor: str | None


class OptionsIn(Schema):
    """How this document alone is read and cut: sizes in units, of which an ideograph is one and an English word
    about two; running headers, footers and page numbers are left out unless asked for. Nothing means as usual
    (400). It acts when the document is read again."""

    chunk_units: int | None = Field(None, ge=100, le=2000)
    overlap_units: int | None = Field(None, ge=0, le=500)
    keep_headers_footers: bool = False


class DocumentPatch(Schema):
    options: OptionsIn | None = None
    title: str | None = Field(None, max_length=255)
    folder_id: UUID | None = None
    tags: list[str] | None = Field(None, max_length=50)
    metadata: dict[str, str | None] | None = Field(None, max_length=100)


class ChunkOut(Schema):
    id: UUID
    index: int
    text: str
    headings: list[str]
    page_start: int | None
    page_end: int | None
    boxes: list[list[float]]
    sheet: str | None
    cells: str | None
    language: str
    enabled: bool
    edited_at: datetime | None = None


class ChunkList(Schema):
    items: list[ChunkOut]
    next_cursor: str | None


class ChunkPatch(Schema):
    text: str | None = Field(None, max_length=20_000)
    enabled: bool | None = None
