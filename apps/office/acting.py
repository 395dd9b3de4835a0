"""Who acts in a call of office writing: the key's person, or the one that it names."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.accounts.auth import act_for, require_scope
from apps.accounts.models import ApiKey, User
from apps.core.problems import Problem


def acting(request: HttpRequest, name: str | None, *scopes: str) -> User:
    """The person whose rights count. Raises Problem 401, 403 or 422."""
    user = require_scope(request, *scopes)
    if not name:
        return user
    key = getattr(request, "auth", None)
    if not isinstance(key, ApiKey):
        raise Problem(403, _("Only a key can act on behalf of others."), code="scope")
    act_for(request, key, name)
    return request.user  # type: ignore[return-value]
