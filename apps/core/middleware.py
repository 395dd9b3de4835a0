"""Small middleware that every answer passes.

All of it is synchronous on purpose. Django runs a chain whose innermost part is synchronous in one thread
hop, while middleware of both kinds costs two hops each; a streamed answer is sent after the chain either way.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_only_middleware
from django.utils.translation import gettext as _

from apps.core.problems import CONTENT_TYPE, Problem, problem_response

Handler = Callable[[HttpRequest], HttpResponse]
ID_PATTERN = re.compile(r"^[A-Za-z0-9_.-]{1,64}$")
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)


@sync_only_middleware
def request_id(get_response: Handler) -> Handler:
    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if ID_PATTERN.match(given) else uuid.uuid4().hex  # type: ignore[attr-defined]
        response = get_response(request)
        response.headers["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response

    return middleware


@sync_only_middleware
def errors_as_problems(get_response: Handler) -> Handler:
    """Faults that Django answers itself (a wrong method, a broken body, our own bug) get the shape of all
    other errors below the REST interface."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code < 400 or not request.path.startswith(("/api/", "/v1/")):
            return response
        if response.get("Content-Type", "").startswith((CONTENT_TYPE, "application/json")):
            return response
        answer = problem_response(request, _problem_of(response.status_code))
        if "Allow" in response:
            answer["Allow"] = response["Allow"]
        return answer

    return middleware


def _problem_of(status: int) -> Problem:
    if status == 405:
        return Problem(405, _("This address does not take this method."), code="method")
    if status < 500:
        return Problem(status, _("The request could not be read."), code="unreadable")
    return Problem(
        status, _("Something went wrong in this program. It was logged; try again."), code="internal"
    )


@sync_only_middleware
def content_security_policy(get_response: Handler) -> Handler:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), payment=()")
        return response

    return middleware
