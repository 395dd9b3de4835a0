"""The search page: passages with the words of the question marked, and the cabinets they may come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.accounts.requests import SignedInRequest
from apps.cabinets import access, selectors
from apps.cabinets.messages import sentence
from apps.cabinets.models import Cabinet, Document
from apps.cabinets.views.guard import page, person
from apps.cabinets.views.highlight import excerpt
from apps.core.problems import Problem
from apps.rag.errors import RagError
from apps.rag.types import ScoredChunk

MOST_PASSAGES = 30
MOST_CABINETS = 200


@dataclass(frozen=True, slots=True)
class Found:
    passage: ScoredChunk
    document: Document
    html: SafeString
    url: str


@require_GET
@page
def search_page(request: SignedInRequest) -> HttpResponse:
    """`?q=` the question, `?cabinet=` (repeated) where to look; nothing chosen is everywhere one may read.
    `?exactly=1` looks for the words as they are written, without what the question is understood to mean."""
    user = person(request)
    query = request.GET.get("q", "").replace("\0", "").strip()
    cabinets = list(selectors.cabinets_with_counts(user).order_by("name", "id")[:MOST_CABINETS])
    chosen = _chosen(request, cabinets)
    exactly = request.GET.get("exactly") == "1"
    context: dict[str, Any] = {"query": query, "chosen": chosen, "cabinets": cabinets, "exactly": exactly}
    if not request.htmx:
        context["manages"] = access.managed_cabinets_for(user).exists()
    if query:
        context |= _answer(user, query, chosen, exactly=exactly)
    template = "cabinets/_found.html" if request.htmx else "cabinets/search.html"
    return render(request, template, context)


def _chosen(request: HttpRequest, cabinets: list[Cabinet]) -> set[UUID]:
    asked = set(request.GET.getlist("cabinet")[:MOST_CABINETS])
    return {cabinet.pk for cabinet in cabinets if str(cabinet.pk) in asked}


def _answer(user: User, query: str, chosen: set[UUID], *, exactly: bool) -> dict[str, Any]:
    """The passages, or the sentence why there are none. Faults are told on the page, with a way on."""
    from apps.cabinets.searching import search

    try:
        asked = {"limit": MOST_PASSAGES, "understand": not exactly}
        result = search(user, query, cabinet_ids=chosen or None, asked=asked)
    except Problem as problem:
        return {"fault": problem.detail}
    except RagError as error:
        return {"fault": sentence(error.code), "retryable": True}
    return {
        "found": _found(user, query, result.passages),
        "timings": result.timings_ms,
        "understood": result.facets.told,
        "warnings": warnings_said(result.warnings),
    }


def warnings_said(codes: Sequence[str]) -> list[str]:
    """What was done without, where a person can notice it. A model that cannot read the question's
    language is no fault: words find it."""
    said = []
    for code in codes:
        if code.startswith("embedder"):
            said.append(_("The embedding model does not answer, so this was found by words alone."))
        elif code.startswith("reranker"):
            said.append(_("The ranking model does not answer, so the order is coarser than usual."))
    return said


def _found(user: User, query: str, passages: Sequence[ScoredChunk]) -> list[Found]:
    keys = {passage.chunk.document_id for passage in passages}
    documents = selectors.documents_for(user).filter(pk__in=keys).in_bulk()
    return [
        Found(
            passage=passage,
            document=documents[passage.chunk.document_id],
            html=excerpt(passage.chunk.text, query),
            url=f"/documents/{passage.chunk.document_id}/?chunk={passage.chunk.id}",
        )
        for passage in passages
        if passage.chunk.document_id in documents
    ]
