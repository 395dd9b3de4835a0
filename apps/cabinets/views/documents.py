"""The page of one document: the original on the left, what was made of it on the right."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.models import Clearance, User
from apps.cabinets import access, selectors
from apps.cabinets.models import Chunk, Document, Role
from apps.cabinets.opening import document_opened, may_see_activity
from apps.cabinets.pageimages import has_pages
from apps.cabinets.queue import queue_lines
from apps.cabinets.validity import validity_of, validity_word
from apps.cabinets.views import parsed as reader
from apps.cabinets.views.context import MOST_TARGETS
from apps.cabinets.views.guard import page, person
from apps.cabinets.views.listing import kind_of, rows_of
from apps.cabinets.views.metadata import metadata_context
from apps.cabinets.views.passages import opened_chunk, passages_window
from apps.cabinets.views.sheets import sheets_window, window_start
from apps.cabinets.views.status import status_line
from apps.cabinets.views.strings import document_strings
from apps.cabinets.views.versions import versions_of

TABS = ("passages", "text", "details", "versions", "access", "activity")


@require_GET
@page
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """`?chunk=` or `?page=` opens at that place; `?tab=` chooses what stands on the right."""
    user = person(request)
    found = access.document_for(user, document_id)
    document_opened(found, by=user)
    chunk = opened_chunk(found, request.GET.get("chunk", ""))
    tab = request.GET.get("tab", "")
    context = {
        **_frame(user, found),
        **_original(found, chunk, _number(request.GET.get("page", ""))),
        "passages": passages_window(found, chunk=chunk),
        "chunk": chunk,
        "tab": tab if tab in TABS else "passages",
        "strings": document_strings(),
    }
    return render(request, "cabinets/document.html", context)


def _frame(user: User, found: Document) -> dict[str, Any]:
    """The head of the page, the details, and what the person may do."""
    may_change = access.role_in(user, found.folder) in Role.at_least(Role.CONTRIBUTOR)
    state = validity_of(found)
    return {
        "document": found,
        "document_key": str(found.pk),
        "cabinet": found.cabinet,
        "attachments": rows_of(selectors.attachments_of(user, [found]).get(found.pk, []), changeable=set()),
        "status": status_line(found, waiting=queue_lines([found]).get(found.pk)),
        "kind": kind_of(found.filename),
        "may_change": may_change,
        "may_manage": access.role_in(user, found.folder) == Role.MANAGER,
        "may_see_activity": may_see_activity(user, found),
        "levels": Clearance.choices,
        "may_download": access.visible_documents(user, download=True).filter(pk=found.pk).exists(),
        "validity": {"state": state, "word": validity_word(state)},
        **metadata_context(user, found, may_change=may_change),
        "versions": versions_of(found),
        "chunk_sizes": _chunk_sizes(),
        "keeps_furniture": bool(found.options.get("keep_headers_footers")),
        "chunk_size": found.options.get("chunk_units", 0),
        "timings": _timings(found),
        "targets": access.folders_for(user, role=Role.CONTRIBUTOR).filter(cabinet=found.cabinet)[
            :MOST_TARGETS
        ],
        "passage_count": selectors.chunks_of(found).count(),
    }


def _chunk_sizes() -> list[tuple[int, str]]:
    """An ideograph is a unit, an English word about two."""
    return [
        (0, _("As usual, about 400 characters")),
        (150, _("Very small, about 150 characters")),
        (250, _("Small, about 250 characters")),
        (700, _("Large, about 700 characters")),
        (1200, _("Very large, about 1,200 characters")),
    ]


def _original(found: Document, chunk: Chunk | None, asked: int) -> dict[str, Any]:
    """Page images where the format has pages of its own, else the text by structure."""
    content = reader.parsed_of(found)
    if has_pages(found) and not (content is None and found.status == Document.Status.FAILED):
        first = asked or (chunk.page_start if chunk is not None and chunk.page_start else 1)
        return {
            "sheets": sheets_window(found, content, first=window_start(first), chunk=chunk),
            "open_page": first,
        }
    if content is None:
        return {"text": None}
    return {"text": reader.window(content, chunk=chunk)}


def _timings(found: Document) -> list[tuple[str, int]]:
    labels = {
        "parse": _("Reading"),
        "chunk": _("Splitting"),
        "embed": _("Embedding"),
        "index": _("Indexing"),
        "total": _("In all"),
    }
    return [(label, found.timings_ms[key]) for key, label in labels.items() if key in found.timings_ms]


def _number(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 7 else 0
