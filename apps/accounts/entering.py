"""What follows a right password (or another proof): the second step where it is on, then the session."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts import devices, second_step, two_step
from apps.accounts.models import User

PENDING = "pending_sign_in"
PENDING_SECONDS = 300
YEAR = 365 * 24 * 3600


def proceed(request: HttpRequest, user: User, target: str, *, by_provider: bool = False) -> HttpResponse:
    """The session begins, or waits for the code of the second step. `target` is an address of this site;
    `by_provider`: another system proved who this is."""
    backend = getattr(user, "backend", settings.AUTHENTICATION_BACKENDS[0])
    if not two_step.is_on(user):
        mark = second_step.PROVIDER if by_provider else ""
        return entered(request, user, target, backend=backend, mark=mark)
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": str(user.pk),
        "backend": backend,
        "until": int(time.time()) + PENDING_SECONDS,
        "password": user.get_session_auth_hash(),
        "next": target,
    }
    return redirect("sign-in-code")


def pending(request: HttpRequest) -> tuple[User, dict[str, Any]] | None:
    """Who has yet to give a code here, and what waits for it; None once it took too long, or the password
    has changed since."""
    told = request.session.get(PENDING)
    if not told or told["until"] < time.time():
        return None
    user = User.objects.filter(pk=told["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != told["password"]:
        return None
    return user, told


def entered(request: HttpRequest, user: User, target: str, *, backend: str, mark: str = "") -> HttpResponse:
    """`mark` says what stood for the second step."""
    request.session.pop(PENDING, None)
    devices.enter(request, user, backend=backend)
    request.session[second_step.MARK] = mark
    return with_language(HttpResponseRedirect(target), user)


def safe_target(request: HttpRequest, target: str | None = None) -> str:
    """Where to go afterwards: only an address of this site."""
    wanted = target if target is not None else request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def to_sign_in(request: HttpRequest, *, said: str = "") -> HttpResponse:
    query = {name: value for name, value in (("next", request.GET.get("next", "")), ("said", said)) if value}
    return redirect(f"{reverse('login')}?{urlencode(query)}" if query else "login")


def with_language(response: HttpResponse, user: Any) -> HttpResponse:
    """The cookie mirrors the profile, since the language is chosen before the person is known."""
    if user.language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, user.language, max_age=YEAR, samesite="Lax", secure=settings.HTTPS
        )
    return response
