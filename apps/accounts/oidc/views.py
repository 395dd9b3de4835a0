"""To the provider and back."""

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
from apps.accounts.identities import Refused, set_memberships, user_of_identity
from apps.accounts.models import User
from apps.accounts.oidc import provider
from apps.accounts.oidc.provider import OidcError
from apps.accounts.trail import audit_record

logger = logging.getLogger(__name__)
KEPT = "oidc"


@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    if not provider.is_configured():
        raise Http404
    target = safe_target(request)
    if request.user.is_authenticated:
        return redirect(target)
    try:
        started = provider.start(redirect_uri=_back(request))
    except OidcError as error:
        logger.warning("the sign-in provider cannot be asked: %s", error)
        return to_sign_in(request, said="provider")
    told = {"nonce": started.nonce, "verifier": started.verifier, "next": target}
    returning.keep(request, KEPT, started.state, told)
    return redirect(started.url)


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    if not provider.is_configured():
        raise Http404
    return returning.arrive(request, KEPT, _user, faults=OidcError)


def _user(request: HttpRequest, told: dict[str, Any] | None) -> User:
    """Raises OidcError or Refused."""
    if told is None:
        raise OidcError("nobody began here, or it took too long")
    if throttle.attempt(name=f"oidc {told['nonce']}", address=throttle.address_of(request)):
        raise OidcError("too many attempts from this address")
    issuer = settings.OIDC["issuer"].rstrip("/")
    if request.GET.get("iss", issuer).rstrip("/") != issuer:
        raise OidcError("the answer is another provider's")
    if request.GET.get("error") or not request.GET.get("code"):
        raise OidcError(f"the provider said {request.GET.get('error', 'nothing')[:100]}")
    claims = provider.claims_of(
        request.GET["code"], redirect_uri=_back(request), verifier=told["verifier"], nonce=told["nonce"]
    )
    user = _account(issuer, claims)
    throttle.succeeded(name=f"oidc {told['nonce']}", address=throttle.address_of(request))
    return user


def _account(issuer: str, claims: dict[str, Any]) -> User:
    options = settings.OIDC
    user = user_of_identity(
        issuer=issuer,
        subject=str(claims["sub"]),
        username=str(claims.get(options["username_claim"]) or ""),
        display_name=str(claims.get("name") or ""),
        create=options["create"],
        link=options["link"],
    )
    if not user.is_active:
        raise Refused(f"{user.username} is deactivated")
    groups = _words(claims, options["groups_claim"])
    set_memberships(
        user, origin="oidc", groups=groups, departments=_words(claims, options["departments_claim"])
    )
    if options["administrators"] and groups is not None:
        _set_administrator(user, administrator=options["administrators"] in groups)
    return user


def _words(claims: dict[str, Any], name: str) -> list[str] | None:
    """A claim as a list of texts; None where the provider does not tell it."""
    value = claims.get(name) if name else None
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, list) else None


def _set_administrator(user: User, *, administrator: bool) -> None:
    if user.is_superuser == administrator:
        return
    user.is_superuser = user.is_staff = administrator
    user.save(update_fields=["is_superuser", "is_staff"])
    audit_record(
        None, action="user.role", target=user, detail={"administrator": administrator, "from": "oidc"}
    )


def _back(request: HttpRequest) -> str:
    """As it is registered at the provider; OIDC_REDIRECT_URI where a proxy hides our name."""
    return settings.OIDC["redirect_uri"] or request.build_absolute_uri(reverse("oidc-back"))
