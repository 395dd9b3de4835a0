"""Error pages: HTML for people, problem+json below the REST interface."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.core.problems import Problem, problem_response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(("/api/", "/v1/")):
        return problem_response(
            request, Problem(404, _("There is nothing here, or it is not yours."), code="not_found")
        )
    return render(request, "404.html", {"target": _asked_for(request)}, status=404)


def _asked_for(request: HttpRequest) -> UUID | None:
    """The document or cabinet that the address names, whether there is one or not: the page offers to ask for it."""
    named = request.resolver_match.kwargs if request.resolver_match is not None else {}
    return named.get("document_id") or named.get("cabinet_id")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(("/api/", "/v1/")):
        return problem_response(
            request, Problem(403, str(exception) or _("This is not allowed."), code="forbidden")
        )
    return render(request, "403.html", status=403)
