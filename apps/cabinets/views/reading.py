"""Fragments of the document page: more text, more passages, more pages."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.cabinets import access
from apps.cabinets.models import Role
from apps.cabinets.pageimages import has_pages
from apps.cabinets.views import parsed as reader
from apps.cabinets.views.guard import page, person
from apps.cabinets.views.passages import opened_chunk, passages_window
from apps.cabinets.views.sheets import sheets_window


@require_GET
@page
def document_text(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """`?from=` a block index, or `?chunk=` the passage to open at."""
    found = access.document_for(person(request), document_id)
    content = reader.parsed_of(found)
    chunk = opened_chunk(found, request.GET.get("chunk", ""))
    text = reader.window(content, start=_start(request), chunk=chunk) if content is not None else None
    return render(request, "cabinets/_text.html", {"document": found, "text": text})


@require_GET
@page
def document_passages(request: HttpRequest, document_id: UUID) -> HttpResponse:
    user = person(request)
    found = access.document_for(user, document_id)
    may_change = access.role_in(user, found.folder) in Role.at_least(Role.CONTRIBUTOR)
    passages = passages_window(found, start=_start(request))
    return render(
        request,
        "cabinets/_passages.html",
        {"document": found, "passages": passages, "may_change": may_change},
    )


@require_GET
@page
def document_sheets(request: HttpRequest, document_id: UUID) -> HttpResponse:
    found = access.document_for(person(request), document_id)
    if not has_pages(found):
        raise Http404
    sheets = sheets_window(found, reader.parsed_of(found), first=_start(request))
    return render(request, "cabinets/_sheets.html", {"document": found, "sheets": sheets})


def _start(request: HttpRequest) -> int:
    raw = request.GET.get("from", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 9 else 0
