"""The language a person chose applies before anything is translated; devices are noted as seen."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.decorators import sync_only_middleware

from apps.accounts import devices
from apps.core.middleware import Handler

CHOICES = {code for code, _name in settings.LANGUAGES}


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


def _from_browser(request: HttpRequest) -> str:
    header = request.headers.get("Accept-Language", "").lower()
    for part in header.split(",")[:5]:
        code = part.split(";")[0].strip()
        if code.startswith("zh"):
            return "zh-hans"
        if code.startswith("en"):
            return "en"
    return settings.LANGUAGE_CODE
