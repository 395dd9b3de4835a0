"""The versions of a document with what changed from one to the next."""

from __future__ import annotations

from dataclasses import dataclass

from apps.cabinets.models import Document, DocumentVersion
from apps.core.templatetags.askive import filesize2

MOST = 50


@dataclass(frozen=True, slots=True)
class Version:
    """`change` is the difference in size to the one before, with its sign; "" for the first."""

    row: DocumentVersion
    change: str
    renamed: bool
    is_current: bool


def versions_of(document: Document) -> list[Version]:
    """Newest first, at most fifty."""
    rows = list(document.versions.select_related("created_by")[: MOST + 1])
    pairs = zip(rows, [*rows[1:], None], strict=False)  # the last has none before it
    return [_version(document, row, before) for row, before in pairs][:MOST]


def _version(document: Document, row: DocumentVersion, before: DocumentVersion | None) -> Version:
    current = row.number == document.version
    if before is None:
        return Version(row, "", renamed=False, is_current=current)
    difference = row.size - before.size
    change = f"{'+' if difference > 0 else '−'}{filesize2(abs(difference))}" if difference else "±0"
    return Version(row, change, renamed=row.filename != before.filename, is_current=current)
