"""What a document says of itself and what a person confirmed: kept apart, the latter acts on search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.models import Document
from apps.cabinets.validity import today
from apps.core.problems import invalid
from apps.rag.metadata import official_metadata
from apps.rag.types import Element

DATES = ("effective_on", "repealed_on")
MOST_FIELDS = 100
COLUMNS = (*DATES, "superseded_by")


def suggestions(elements: Sequence[Element]) -> dict[str, Any]:
    """What the text says of itself, as JSON: title, issuer, document_number, kind, issued_on, effective_on,
    repeals [{title, number}]; only what was found."""
    found = official_metadata(elements)
    fields: dict[str, Any] = {
        "title": found.title,
        "issuer": found.issuer,
        "document_number": found.document_number,
        "kind": found.kind,
        "issued_on": found.issued_on.isoformat() if found.issued_on else "",
        "effective_on": found.effective_on.isoformat() if found.effective_on else "",
        "repeals": [{"title": repeal.title, "number": repeal.number} for repeal in found.repeals],
    }
    return {name: value for name, value in fields.items() if value}


def metadata_apply(document: Document, values: Mapping[str, Any], *, by: User | None) -> None:
    """Set confirmed metadata on the row, without saving. An empty value takes a field away. Dates are
    YYYY-MM-DD, `superseded_by` the id of a document that the person may see. Raises Problem 422."""
    kept = dict(document.metadata)
    for name, value in values.items():
        text = "" if value is None else str(value).replace("\0", "").strip()[:500]
        if name in DATES:
            setattr(document, name, _day(name, text))
        elif name == "superseded_by":
            document.superseded_by = _successor(document, text, by)
        elif not text:
            kept.pop(name[:60], None)
        else:
            kept[name[:60]] = _day(name, text).isoformat() if name == "issued_on" else text  # type: ignore[union-attr]
    if len(kept) > MOST_FIELDS:
        raise invalid("metadata", _("At most %(most)d fields of metadata.") % {"most": MOST_FIELDS})
    _complete(document, values)
    document.metadata, document.confirmed_at = kept, timezone.now()


def _complete(document: Document, values: Mapping[str, Any]) -> None:
    """What has a successor ends when that begins, unless a day was named."""
    successor = document.superseded_by
    if successor is not None and document.repealed_on is None and not values.get("repealed_on"):
        document.repealed_on = successor.effective_on or today()
    early, late = document.effective_on, document.repealed_on
    if early is not None and late is not None and late < early:
        raise invalid("repealed_on", _("It cannot be repealed before it is in force."))


def _day(name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(name, _("A date is written as 2024-03-05.")) from None


def _successor(document: Document, text: str, by: User | None) -> Document | None:
    if not text:
        return None
    try:
        key = UUID(text)
    except ValueError:
        key = None
    found = access.visible_documents(by).filter(pk=key).first() if by is not None and key else None
    if found is None or found.pk == document.pk:
        raise invalid("superseded_by", _("There is no such document."))
    return found


def shown_metadata(document: Document) -> dict[str, Any]:
    """Confirmed metadata in one object, as REST answers it."""
    shown: dict[str, Any] = dict(document.metadata)
    for name in DATES:
        if value := getattr(document, name):
            shown[name] = value.isoformat()
    if document.superseded_by_id:
        shown["superseded_by"] = str(document.superseded_by_id)
    return shown
