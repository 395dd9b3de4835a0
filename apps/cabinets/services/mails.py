"""Which documents hang on a mail."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from apps.cabinets.models import Document
from apps.core.problems import Problem
from apps.rag.parsing.sniff import EMAIL, MSG

DEEPEST = 2  # a mail, a mail attached to it; what that one holds is read with it


def holds_attachments(document: Document) -> bool:
    """Whether its attachments become documents of their own. Deeper mails are read as a whole."""
    if document.media_type not in (EMAIL, MSG):
        return False
    depth, above = 1, document.parent
    while above is not None and depth <= DEEPEST:
        depth, above = depth + 1, above.parent
    return depth <= DEEPEST


def require_independent(document: Document) -> None:
    """Raises Problem 409 for an attachment, which does not go its own way."""
    if document.parent_id is not None:
        message = _("An attachment stays with its mail. Move, replace or delete the mail instead.")
        raise Problem(409, message, code="attachment")


def with_attachments(documents: list[Document]) -> list[Document]:
    """These and all that hang on them, each before what hangs on it."""
    return [one for document in documents for one in (document, *_below(document))]


def _below(document: Document) -> Iterator[Document]:
    for child in document.attachments.exclude(status=Document.Status.DELETING):
        yield child
        yield from _below(child)
