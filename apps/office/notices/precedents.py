"""Earlier documents of the same kind, as far as the writer may read them."""

from __future__ import annotations

import logging
from collections.abc import Collection
from uuid import UUID

from apps.accounts.models import User
from apps.cabinets.models import Document
from apps.cabinets.searching import passage_url, search
from apps.cabinets.selectors import chunks_of, documents_for
from apps.core.problems import Problem
from apps.office.notices.draft import Source
from apps.office.notices.style import Precedent
from apps.rag.errors import RagError
from apps.rag.metadata import kind_of_title

logger = logging.getLogger(__name__)
MOST, PASSAGES, LINES, LONGEST_LINE = 3, 20, 60, 200


def precedents_for(
    user: User, *, title: str, kind: str, cabinet_ids: Collection[UUID] | None = None
) -> list[Precedent]:
    """The most alike first, at most three. Empty where the search is down: a draft needs no precedents."""
    try:
        found = search(user, f"{title} {kind}"[:500], cabinet_ids=cabinet_ids, asked={"limit": PASSAGES})
    except (RagError, Problem) as error:
        logger.info("drafted without earlier documents: %s", error)
        return []
    passages = {passage.chunk.document_id: passage for passage in reversed(found.passages)}
    rows = documents_for(user).filter(pk__in=passages).in_bulk()
    alike = [rows[key] for key in reversed(passages) if key in rows and _kind_of(rows[key]) == kind]
    return [
        Precedent(_source(document, passage_url(passages[document.pk])), _lines(document))
        for document in alike[:MOST]
    ]


def _kind_of(document: Document) -> str:
    told = document.metadata.get("kind") or document.suggested.get("kind") or ""
    return str(told) or kind_of_title(document.title)


def _source(document: Document, url: str) -> Source:
    return Source("document", document_id=str(document.pk), title=document.title, url=url)


def _lines(document: Document) -> tuple[str, ...]:
    lines: list[str] = []
    for text in chunks_of(document).order_by("index").values_list("text", flat=True)[:LINES]:
        lines += [line.strip()[:LONGEST_LINE] for line in text.splitlines() if line.strip()]
    return tuple(lines[:LINES])
