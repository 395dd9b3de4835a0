"""What an API key is made of: its secret, and which scopes and end it may have."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import ApiKey, User
from apps.core.problems import Problem, invalid
from apps.core.secrets import encrypt

LONGEST_GRACE_HOURS = 7 * 24


def new_secret() -> str:
    return "ask_" + secrets.token_urlsafe(32)


def put_secret(key: ApiKey, secret: str) -> None:
    """The key now answers to this secret; the row is not saved."""
    key.prefix = secret[:12]
    key.hash = hashlib.sha256(secret.encode()).hexdigest()
    key.signing_secret = encrypt(secret) if key.signed else ""


def check_scopes(scopes: Sequence[str], *, user: User, restricted: bool) -> None:
    """Raises Problem. What administers goes beyond cabinets, so that no restriction could hold it."""
    if not scopes or set(scopes) - set(ApiKey.Scope.values):
        listed = ", ".join(ApiKey.Scope.values)
        raise invalid("scopes", _("Choose scopes from: %(scopes)s.") % {"scopes": listed})
    privileged = {ApiKey.Scope.ADMIN, ApiKey.Scope.IMPERSONATE} & set(scopes)
    if privileged and not user.is_superuser:
        raise Problem(403, _("Only an administrator's key may have this scope."), code="scope")
    if restricted and ApiKey.Scope.ADMIN in scopes:
        raise invalid("cabinet_ids", _("A key that administers cannot be restricted to cabinets."))


def checked_end(expires_at: datetime | None) -> datetime | None:
    """A time without a zone is UTC. Raises Problem for one that has passed."""
    if expires_at is not None and timezone.is_naive(expires_at):
        expires_at = expires_at.replace(tzinfo=UTC)
    if expires_at is not None and expires_at <= timezone.now():
        raise invalid("expires_at", _("The key would have expired already."))
    return expires_at
