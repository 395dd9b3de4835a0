"""Who calls the REST interface: an API key, or the session of a signed-in browser with CSRF."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer
from ninja.security import SessionAuth as NinjaSessionAuth

from apps.accounts.limits import count_request
from apps.accounts.models import ApiKey, User
from apps.accounts.selectors import api_key_by_secret
from apps.accounts.signing import SCHEME, signer_of
from apps.core.problems import Problem

KEY_HEADER = "X-On-Behalf-Of"


class ApiKeyAuth(HttpBearer):
    """`request.auth` is the key; `request.user` the person it acts for."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        key = api_key_by_secret(token)
        return None if key is None else _admitted(request, key)


class SignedAuth(HttpBearer):
    """A request signed with a key that is not sent (apps/accounts/signing.py)."""

    openapi_scheme = SCHEME.lower()

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        key = _signer(request)
        return None if key is None else _admitted(request, key)


def _signer(request: HttpRequest) -> ApiKey | None:
    """Judged once a request: a nonce is used up by the first look."""
    if not hasattr(request, "signer"):
        request.signer = signer_of(request)  # type: ignore[attr-defined]
    return request.signer  # type: ignore[attr-defined]


def _admitted(request: HttpRequest, key: ApiKey) -> ApiKey:
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - timedelta(minutes=1):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    key.user.acting_key = key
    request.user = key.user
    if name := request.headers.get(KEY_HEADER, ""):
        act_for(request, key, name)
    count_request(request.user)  # type: ignore[arg-type]
    return key


def principal_of(request: HttpRequest) -> str | None:
    """Who sends this, as a digest: the live key (and whom it acts for), else the signed-in person. None for
    nobody, and for an administrator with an employee's eyes: nothing of that is kept."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    key = api_key_by_secret(token) if scheme.lower() == "bearer" else None
    if scheme.lower() == SCHEME.lower():
        key = _signer(request)
    if key is not None:
        caller = f"key {key.pk} {request.headers.get(KEY_HEADER, '')}"
    elif _acts_here(request.user):
        caller = f"user {request.user.pk}"
    else:
        return None
    return hashlib.sha256(caller.encode()).hexdigest()


def _acts_here(user: object) -> bool:
    return isinstance(user, User) and user.is_active and user.viewed_by is None


class SessionAuth(NinjaSessionAuth):
    """The browser's session; ninja checks the CSRF token of unsafe methods."""

    def __call__(self, request: HttpRequest) -> User | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None  # nobody's session: 401, not a complaint about CSRF
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        user = request.user
        if not (user.is_authenticated and user.is_active):
            return None
        count_request(user.viewed_by or user)  # type: ignore[arg-type, union-attr]
        return user  # type: ignore[return-value]


def act_for(request: HttpRequest, key: ApiKey, username: str) -> None:
    """Trim a key with the impersonate scope to one employee's rights. Its owner must be an administrator
    now, not only when the key was made."""
    if ApiKey.Scope.IMPERSONATE not in key.scopes or not key.user.is_superuser:
        raise Problem(403, _("This key may not act on behalf of others."), code="scope")
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise Problem(422, _("There is no active person with this name."), code="on_behalf_of")
    person.acting_key = key  # a restriction of the key holds for whomever it acts for
    request.user = person


def require_scope(request: HttpRequest, *scopes: str) -> User:
    """The acting person, if the key has one of the scopes. A browser session has all but impersonate;
    administration also needs the person to be an administrator."""
    user: User = request.user  # type: ignore[assignment]
    key = getattr(request, "auth", None)
    if isinstance(key, ApiKey) and not set(scopes) & set(key.scopes):
        raise Problem(
            403, _("This key does not have the scope %(scope)s.") % {"scope": scopes[0]}, code="scope"
        )
    if ApiKey.Scope.ADMIN in scopes and not user.is_superuser:
        raise Problem(403, _("Only administrators may do this."), code="forbidden")
    return user
