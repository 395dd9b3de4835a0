"""The first administrator, made on a page that exists only until then and asks for the code of the server."""

from __future__ import annotations

import math

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.accounts import first_run, throttle
from apps.accounts.entering import entered
from apps.core.problems import Problem


@sensitive_post_parameters("code", "password", "again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    if not first_run.is_open():
        raise Http404
    if request.method != "POST":
        return render(request, "registration/setup.html", {"code": request.GET.get("code", "")[:100]})
    wait = throttle.attempt(name="setup", address=throttle.address_of(request))
    if wait:
        minutes = math.ceil(wait / 60)
        error = _("Too many attempts. Try again in %(minutes)d minutes.") % {"minutes": minutes}
        response = _again(request, error, status=429)
        response["Retry-After"] = str(wait)
        return response
    return _make(request)


def _make(request: HttpRequest) -> HttpResponse:
    told = {name: request.POST.get(name, "")[:200] for name in ("code", "username", "password", "again")}
    if told["password"] != told["again"]:
        return _again(request, _("The two passwords differ."))
    try:
        user = first_run.administrator_set_up(
            code=told["code"].strip(), username=told["username"], password=told["password"]
        )
    except Problem as problem:
        return _again(request, str(problem.detail))
    throttle.succeeded(name="setup", address=throttle.address_of(request))
    home = resolve_url(settings.LOGIN_REDIRECT_URL)
    return entered(request, user, home, backend=settings.AUTHENTICATION_BACKENDS[0])


def _again(request: HttpRequest, error: str, *, status: int = 200) -> HttpResponse:
    told = {name: request.POST.get(name, "")[:200] for name in ("code", "username")}
    return render(request, "registration/setup.html", {**told, "error": error}, status=status)
