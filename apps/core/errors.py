"""Error pages: HTML for people, problem+json below the REST interface."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.core.problems import Problem, problem_response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(("/api/", "/v1/")):
        return problem_response(
            request, Problem(404, _("There is nothing here, or it is not yours."), code="not_found")
        )
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(("/api/", "/v1/")):
        return problem_response(
            request, Problem(403, str(exception) or _("This is not allowed."), code="forbidden")
        )
    return render(request, "403.html", status=403)
