"""The states of some documents in words, for the upload tray and an open document page."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.views.decorators.http import require_GET

from apps.cabinets import access
from apps.cabinets.views.guard import page, person
from apps.cabinets.views.status import status_lines

MOST_STATES = 100


@require_GET
@page
def document_states(request: HttpRequest) -> HttpResponse:
    """`?id=…&id=…` → {"items": [{id, state, word, detail, progress, deepening, retryable}]}; what is not there or
    not the person's is left out."""
    try:
        keys = [UUID(raw) for raw in request.GET.getlist("id")[:MOST_STATES]]
    except ValueError:
        return HttpResponseBadRequest("id is a UUID")
    documents = list(access.visible_documents(person(request)).filter(pk__in=keys))
    lines = status_lines(documents)
    items = [
        {
            "id": str(document.pk),
            "state": lines[document.pk].state,
            "word": lines[document.pk].word,
            "detail": lines[document.pk].detail,
            "progress": lines[document.pk].progress,
            "deepening": document.is_deepened,
            "retryable": document.error_retryable
            or document.error_code in {"crashed", "internal", "timeout"},
        }
        for document in documents
    ]
    return JsonResponse({"items": items})
