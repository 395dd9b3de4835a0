"""Who can see a document and why, what was done with it, and who opened what I brought in."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.audit_words import words_of
from apps.cabinets import access
from apps.cabinets.explaining import explained, readers_of, rule_of
from apps.cabinets.models import Role
from apps.cabinets.opening import activity_of, may_see_activity, openings_for
from apps.cabinets.requesting import own_requests, requests_for, with_clearance, with_names
from apps.cabinets.views.guard import page, person

PEOPLE_ON_A_PAGE = 30
MOST_EVENTS = 100


@require_GET
@page
def document_access(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """A fragment of the document page, for managers."""
    found = access.document_for(person(request), document_id, role=Role.MANAGER)
    query = request.GET.get("q", "")
    people = readers_of(found, query=query).prefetch_related("departments", "teams")
    shown = Paginator(people, PEOPLE_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "document": found,
        "rule": rule_of(found),
        "shown": shown,
        "readers": explained(shown.object_list, found),
        "query": query[:100],
    }
    return render(request, "cabinets/_access.html", context)


@require_GET
@page
def document_activity(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """A fragment of the document page, for its owner and managers."""
    user = person(request)
    found = access.document_for(user, document_id)
    if not may_see_activity(user, found):
        raise access.Forbidden
    events = [(event, words_of(event)) for event in activity_of(found)[:MOST_EVENTS]]
    return render(request, "cabinets/_activity.html", {"events": events})


@require_GET
@page
def requests_page(request: HttpRequest) -> HttpResponse:
    """Requests for access: those to decide, and one's own."""
    user = person(request)
    context = {
        "waiting": with_clearance(list(requests_for(user)[:MOST_EVENTS])),
        "mine": with_names(user, list(own_requests(user)[:MOST_EVENTS])),
        "strings": {"approved": _("Access is given."), "refused": _("The request is refused.")},
    }
    return render(request, "cabinets/requests.html", context)


@require_GET
@page
def opened_page(request: HttpRequest) -> HttpResponse:
    """Who opened my documents."""
    events = [(event, words_of(event)) for event in openings_for(person(request))[:MOST_EVENTS]]
    return render(request, "cabinets/opened.html", {"events": events})
