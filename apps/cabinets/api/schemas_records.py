"""Shapes of versions, revisions, previews, imports and the queue."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema

from apps.cabinets.models import DocumentVersion


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
