"""Whether a document is in force on a day, in a filter and in a word."""

from __future__ import annotations

from datetime import date
from typing import Literal

from django.db.models import Expression, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.cabinets.models import Document

Validity = Literal["", "in_force", "pending", "superseded", "repealed"]


def today() -> date:
    """In the time zone of the house."""
    return timezone.localdate()


def in_force(*, on: date | Expression, prefix: str = "") -> Q:
    """The condition of documents (`prefix` leads to them) without what was not yet in force or was repealed
    on that day. No date means no limit."""
    begun = Q(**{f"{prefix}effective_on": None}) | Q(**{f"{prefix}effective_on__lte": on})
    not_over = Q(**{f"{prefix}repealed_on": None}) | Q(**{f"{prefix}repealed_on__gt": on})
    return begun & not_over


def validity_of(document: Document, *, on: date | None = None) -> Validity:
    """ "" where nothing is known of it."""
    day = on or today()
    if document.repealed_on is not None and document.repealed_on <= day:
        return "superseded" if document.superseded_by_id else "repealed"
    if document.effective_on is not None and document.effective_on > day:
        return "pending"
    return "in_force" if document.effective_on or document.repealed_on else ""


def validity_word(validity: Validity) -> str:
    words = {
        "in_force": _("In force"),
        "pending": _("Not yet in force"),
        "superseded": _("Superseded"),
        "repealed": _("Repealed"),
    }
    return words.get(validity, "")
