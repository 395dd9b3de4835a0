"""Pages for administrators: departments and groups, the audit trail, and looking with an employee's eyes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.accounts import selectors
from apps.accounts.api_audit import table_response
from apps.accounts.audit_words import action_words, words_of
from apps.accounts.auditing import Search, audit_events
from apps.accounts.page_strings import organisation_strings
from apps.accounts.requests import SignedInRequest
from apps.accounts.viewing import person_or_404, view_begin, view_end
from apps.core.problems import Problem

EVENTS_ON_A_PAGE = 50
MOST_DEPARTMENTS, MOST_GROUPS, MOST_PEOPLE = 2000, 500, 500


def administrators(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return login_required(guarded)


@require_GET
@administrators
def audit_page(request: SignedInRequest) -> HttpResponse:
    search = _search(request)
    if request.GET.get("as") == "csv":
        return table_response(request.user, search)
    found = audit_events(search)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: EVENTS_ON_A_PAGE + 1])
    asked = {name: value for name, value in request.GET.items() if value and name not in {"before", "as"}}
    context = {
        "events": [(event, words_of(event)) for event in rows[:EVENTS_ON_A_PAGE]],
        "before": rows[EVENTS_ON_A_PAGE - 1].pk if len(rows) > EVENTS_ON_A_PAGE else None,
        "asked": asked,
        "address": urlencode(asked),
        "actions": action_words(),
    }
    return render(request, "accounts/audit.html", context)


def _search(request: HttpRequest) -> Search:
    def given(name: str) -> str:
        return request.GET.get(name, "").replace("\0", "").strip()

    return Search(
        text=given("q"), action=given("action"), since=_day(given("since")), until=_day(given("until"))
    )


def _day(raw: str) -> date | None:
    try:
        found = date.fromisoformat(raw) if raw else None
    except ValueError:
        return None
    return found if found is not None and 1970 <= found.year < 9000 else None


@require_GET
@administrators
def organisation_page(request: HttpRequest) -> HttpResponse:
    """The tree of departments and the groups."""
    departments = selectors.departments().annotate(people=Count("members")).prefetch_related("heads")
    rows = list(departments[:MOST_DEPARTMENTS])
    for row in rows:
        row.depth = row.tree.count("/") - 2  # type: ignore[attr-defined]
    groups = selectors.groups().annotate(people=Count("members")).prefetch_related("members")
    context = {
        "departments": rows,
        "groups": groups[:MOST_GROUPS],
        "people": selectors.people().filter(is_active=True)[:MOST_PEOPLE],
        "strings": organisation_strings(),
    }
    return render(request, "accounts/organisation.html", context)


@require_POST
@administrators
def view_as_begin(request: HttpRequest, user_id: UUID) -> HttpResponse:
    try:
        view_begin(request, person_or_404(user_id))
    except Problem as problem:
        messages.error(request, problem.detail)
        return redirect("people")
    return redirect("cabinets")


@require_POST
@login_required
def view_as_end(request: HttpRequest) -> HttpResponse:
    view_end(request)
    return redirect("people" if request.user.is_superuser else "ask")


def page_of(rows: Any, request: HttpRequest, *, size: int) -> Any:
    return Paginator(rows, size).get_page(request.GET.get("page"))
