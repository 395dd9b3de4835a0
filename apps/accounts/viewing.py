"""Looking at the product with an employee's eyes: for administrators, to see what a person sees.

It only reads, and only cabinets, documents and search: what is personal (conversations, keys, the profile)
stays the person's own. Beginning and end are in the audit trail, and so is what is opened meanwhile.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.decorators import sync_only_middleware
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.trail import audit_record
from apps.core.middleware import Handler
from apps.core.problems import Problem, problem_response

KEY = "view_as"
SECONDS = 3600
READING = {"GET", "HEAD", "OPTIONS"}
PLACES = re.compile(
    r"^/(cabinets|documents|search)/|^/api/v1/(cabinets|documents|folders|chunks)(/|$)|^/static/"
)
ASKED_BY_POST = {"/api/v1/search"}
WRITES = re.compile(r"^\s*(INSERT\s+INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+\"?(\w+)", re.IGNORECASE)
KEPT = {"accounts_auditevent", "accounts_auditseal", "django_session"}


def view_begin(request: HttpRequest, user: User) -> None:
    """Raises Problem 409 for administrators and the deactivated: with their eyes there is nothing to learn."""
    by = request.user
    assert isinstance(by, User)
    if user.is_superuser or not user.is_active:
        raise Problem(409, _("You can only look with the eyes of an active employee."), code="view_as")
    with transaction.atomic():
        audit_record(by, action="user.view_as", target=user)
    request.session[KEY] = {"user": str(user.pk), "until": time.time() + SECONDS}


def view_end(request: HttpRequest) -> None:
    if request.session.pop(KEY, None) and isinstance(request.user, User):
        with transaction.atomic():
            audit_record(request.user, action="user.view_as_end")


@sync_only_middleware
def view_as(get_response: Handler) -> Handler:
    """Comes after the person is known. Deny by default: only the places of PLACES, only reading."""

    def middleware(request: HttpRequest) -> HttpResponse:
        person = _viewed(request)
        if person is None or request.path_info == reverse("view-as-end"):
            return get_response(request)
        if request.path_info == "/":
            return HttpResponseRedirect(reverse("cabinets"))
        reads = request.method in READING or request.path_info in ASKED_BY_POST
        if not reads or not (PLACES.match(request.path_info) or request.path_info in ASKED_BY_POST):
            return _refused(request, person)
        by, request.user = request.user, person

        async def auser() -> User:
            return person

        request.auser = auser
        try:
            with connection.execute_wrapper(_reads_only):
                return get_response(request)
        finally:
            request.user = by  # what comes after, such as noting the device, is about the administrator

    return middleware


def _viewed(request: HttpRequest) -> User | None:
    """Whose eyes are borrowed; whatever does not hold any more ends it."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not (kept := request.session.get(KEY)):
        return None
    by = request.user
    holds = isinstance(by, User) and by.is_active and by.is_superuser and time.time() < kept["until"]
    person = (
        User.objects.filter(pk=kept["user"], is_active=True, is_superuser=False).first() if holds else None
    )
    if person is None or not isinstance(by, User):
        del request.session[KEY]
        return None
    person.viewed_by = User.objects.get(pk=by.pk)
    return person


def _refused(request: HttpRequest, person: User) -> HttpResponse:
    detail = _(
        "You are looking with the eyes of %(name)s: only cabinets, documents and search, and only reading."
    )
    problem = Problem(403, detail % {"name": person}, code="view_as")
    if request.path_info.startswith(("/api/", "/v1/")):
        return problem_response(request, problem)
    page = render_to_string("accounts/view_as_refused.html", {"person": person}, request)
    return HttpResponse(page, status=403)


def _reads_only(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """The second lock: whatever a view would still write is refused by the connection."""
    writes = WRITES.match(sql)
    if writes and writes.group(2) not in KEPT:
        raise PermissionDenied
    return execute(sql, params, many, context)


def person_or_404(user_id: Any) -> User:
    found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise Http404
    return found
