"""What a document says of itself, as a form: confirmed values, or those that reading suggests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.models import Document, Role
from apps.cabinets.services.metadata import shown_metadata
from apps.cabinets.validity import today

FIELDS = ("issuer", "document_number", "kind", "issued_on", "effective_on", "repealed_on")
MOST_SUCCESSORS = 500
MOST_MATCHES = 5


@dataclass(frozen=True, slots=True)
class Field:
    """`suggested`: the value was read from the text and nobody has confirmed it."""

    name: str
    label: str
    value: str
    suggested: bool

    @property
    def is_date(self) -> bool:
        return self.name.endswith("_on")


@dataclass(frozen=True, slots=True)
class Repealed:
    """A document that the text says it ends, and those here that bear this name."""

    title: str
    number: str
    matches: list[Document]


def metadata_context(user: User, document: Document, *, may_change: bool) -> dict[str, Any]:
    shown = shown_metadata(document)
    return {
        "fields": _fields(document, shown),
        "others": {
            name: value
            for name, value in shown.items()
            if name not in FIELDS and name != "superseded_by" and isinstance(value, str | int | float)
        },
        "successors": _neighbours(user, document)[:MOST_SUCCESSORS] if may_change else [],
        "repealed": _repealed(user, document) if may_change else [],
        "repeal_day": (document.effective_on or today()).isoformat(),
        "unconfirmed": bool(document.suggested) and document.confirmed_at is None,
    }


def _labels() -> dict[str, str]:
    return {
        "issuer": _("Issuer"),
        "document_number": _("Document number"),
        "kind": _("Kind of document"),
        "issued_on": _("Issued on"),
        "effective_on": _("In force from"),
        "repealed_on": _("Repealed on"),
    }


def _fields(document: Document, shown: dict[str, Any]) -> list[Field]:
    """Suggestions fill what is empty, until somebody has confirmed: then an empty field was meant so."""
    labels = _labels()
    offered = document.suggested if document.confirmed_at is None else {}
    fields = []
    for name in FIELDS:
        value, suggested = str(shown.get(name, "")), str(offered.get(name, ""))
        fields.append(Field(name, labels[name], value or suggested, bool(suggested and not value)))
    return fields


def _neighbours(user: User, document: Document) -> QuerySet[Document]:
    """What may follow this one: documents of the same cabinet."""
    visible = access.visible_documents(user).filter(cabinet=document.cabinet_id, parent=None)
    return visible.exclude(pk=document.pk).order_by("title", "id").only("id", "title")


def _repealed(user: User, document: Document) -> list[Repealed]:
    changeable = access.visible_documents(user, role=Role.CONTRIBUTOR).exclude(pk=document.pk)
    found = []
    for entry in document.suggested.get("repeals", [])[:20]:
        matches = changeable.filter(title__icontains=entry["title"], superseded_by=None, repealed_on=None)
        found.append(Repealed(entry["title"], entry.get("number", ""), list(matches[:MOST_MATCHES])))
    return found
