"""Shapes of versions, revisions, previews, imports and the queue."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema

from apps.cabinets.models import ChunkRevision, DocumentVersion


class VersionOut(Schema):
    number: int
    filename: str
    media_type: str
    size: int
    sha256: str
    current: bool
    created_by: str | None
    created_at: datetime

    @staticmethod
    def resolve_created_by(version: DocumentVersion) -> str | None:
        return version.created_by.username if version.created_by else None


class VersionList(Schema):
    items: list[VersionOut]
    next_cursor: str | None = None


class RevisionOut(Schema):
    number: int
    text: str
    replaced_by: str | None
    replaced_at: datetime

    @staticmethod
    def resolve_replaced_by(revision: ChunkRevision) -> str | None:
        return revision.replaced_by.username if revision.replaced_by else None


class RevisionList(Schema):
    """`text` is what the passage says now."""

    text: str
    items: list[RevisionOut]
    next_cursor: str | None = None


class PreviewPassage(Schema):
    index: int
    text: str
    headings: list[str]
    page_start: int | None


class PreviewOut(Schema):
    count: int
    passages: list[PreviewPassage]
