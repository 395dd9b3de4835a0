"""To the workplace app and back."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.accounts import returning, throttle
from apps.accounts.entering import safe_target, to_sign_in
from apps.accounts.identities import Refused, user_of_identity
from apps.accounts.models import User
from apps.accounts.workplace import provider
from apps.accounts.workplace.calls import Member, WorkplaceError

logger = logging.getLogger(__name__)
KEPT = "workplace"
LONGEST_CODE = 1024


@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    if not provider.is_configured():
        raise Http404
    target = safe_target(request)
    if request.user.is_authenticated:
        return redirect(target)
    try:
        started = provider.start(redirect_uri=_back(request), agent=request.headers.get("User-Agent", ""))
    except WorkplaceError as error:
        logger.warning("the workplace app is not set up: %s", error)
        return to_sign_in(request, said="provider")
    returning.keep(request, KEPT, started.state, {"verifier": started.verifier, "next": target})
    return redirect(started.url)


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    if not provider.is_configured():
        raise Http404
    return returning.arrive(request, KEPT, _user, faults=WorkplaceError)


def _user(request: HttpRequest, told: dict[str, Any] | None) -> User:
    """Raises WorkplaceError or Refused."""
    if told is None:
        raise WorkplaceError("nobody began here, or it took too long")
    address = throttle.address_of(request)
    if throttle.attempt(name=f"workplace {told['verifier']}", address=address):
        raise WorkplaceError("too many attempts from this address")
    code = request.GET.get("authCode") or request.GET.get("code", "")  # the first is DingTalk's word
    if not code or len(code) > LONGEST_CODE:
        raise WorkplaceError("no code came back")
    user = _account(provider.member_of(code, redirect_uri=_back(request), verifier=told["verifier"]))
    throttle.succeeded(name=f"workplace {told['verifier']}", address=address)
    return user


def _account(member: Member) -> User:
    options = settings.WORKPLACE
    user = user_of_identity(
        issuer=provider.issuer(),
        subject=member.subject[:255],
        username=member.username,
        display_name=member.display_name,
        create=options["create"],
        link=options["link"],
    )
    if not user.is_active:
        raise Refused(f"{user.username} is deactivated")
    return user


def _back(request: HttpRequest) -> str:
    """As it is registered there; WORKPLACE_REDIRECT_URI where a proxy hides our name."""
    return settings.WORKPLACE["redirect_uri"] or request.build_absolute_uri(reverse("workplace-back"))
