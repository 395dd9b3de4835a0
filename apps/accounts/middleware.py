"""The language a person chose applies before anything is translated; devices are noted as seen; who needs a
second step sets it up first."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import sync_only_middleware
from django.utils.translation import gettext as _

from apps.accounts import devices, second_step
from apps.core.middleware import Handler
from apps.core.problems import Problem, problem_response

CHOICES = {code for code, _name in settings.LANGUAGES}
LEFT_OPEN = re.compile(r"^/(static/|profile/security/two-step/$|logout/$|preferences/$|healthz$|readyz$)")


@sync_only_middleware
def profile_locale(get_response: Handler) -> Handler:
    """Cookie first (set at sign-in and by the menu), then the browser, then the default.

    The cookie mirrors the profile, so that no request needs the database for it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in CHOICES else _from_browser(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware


@sync_only_middleware
def device_seen(get_response: Handler) -> Handler:
    """Only for requests of a session that was read anyway: a program's key has none."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.session.accessed and settings.SESSION_COOKIE_NAME in request.COOKIES:
            devices.note(request)
        return response

    return middleware


@sync_only_middleware
def second_step_first(get_response: Handler) -> Handler:
    """Deny by default: a session that has yet to set a second step up reaches only that page and the way out."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if LEFT_OPEN.match(request.path_info) or not second_step.is_due(request):
            return get_response(request)
        detail = _("Your organisation asks for a second step of signing in. Set it up first.")
        if request.path_info.startswith(("/api/", "/v1/")):
            return problem_response(request, Problem(403, detail, code="second_step"))
        where = f"{reverse('two-step')}?{urlencode({'next': request.get_full_path()})}"
        if "HX-Request" in request.headers:
            return HttpResponse(status=403, headers={"HX-Redirect": where})
        return redirect(where if request.method in {"GET", "HEAD"} else "two-step")

    return middleware


def _from_browser(request: HttpRequest) -> str:
    header = request.headers.get("Accept-Language", "").lower()
    for part in header.split(",")[:5]:
        code = part.split(";")[0].strip()
        if code.startswith("zh"):
            return "zh-hans"
        if code.startswith("en"):
            return "en"
    return settings.LANGUAGE_CODE
