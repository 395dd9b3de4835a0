"""Pages that belong to no application: the style guide, and the choice of language and theme."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from apps.core.context import THEME_COOKIE, THEMES

YEAR = 365 * 24 * 3600


@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state; it shows no data and needs no sign-in."""
    states = ("queued", "processing", "ready", "warn", "failed", "deleting")
    return render(request, "core/styleguide.html", {"states": states, "tokens": _TOKENS, "icons": _icons()})


def _icons() -> list[str]:
    """The names in the sprite, in its order; the sprite is the only list of them."""
    sprite = finders.find("icons/sprite.svg")
    if not sprite:
        return []
    return re.findall(r'<symbol id="([\w-]+)"', Path(sprite).read_text(encoding="utf-8"))


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Set `language` and/or `theme`: kept with the person, and in a cookie for the sign-in page."""
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    if language and language not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest("Unknown language.")
    if theme and theme not in THEMES:
        return HttpResponseBadRequest("Unknown theme.")
    _keep(request, language=language, theme=theme)
    response = HttpResponseRedirect(_back(request))
    if language:
        translation.activate(language)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax", secure=settings.HTTPS
        )
    if theme:
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR, samesite="Lax", secure=settings.HTTPS)
    return response


def _keep(request: HttpRequest, *, language: str, theme: str) -> None:
    """Store the choices on the signed-in person's row."""
    user = request.user
    if not user.is_authenticated:
        return
    changed = {name: value for name, value in (("language", language), ("theme", theme)) if value}
    for name, value in changed.items():
        setattr(user, name, value)
    if changed:
        user.save(update_fields=list(changed))


def _back(request: HttpRequest) -> str:
    """The page the person came from, if it is one of ours."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return resolve_url(settings.LOGIN_REDIRECT_URL)


_TOKENS = (
    "paper", "paper-sunk", "paper-raised", "ink", "ink-soft", "ink-faint", "hairline", "hairline-strong",
    "accent", "accent-tint", "quote", "good", "busy", "warn", "bad",
)  # fmt: skip
