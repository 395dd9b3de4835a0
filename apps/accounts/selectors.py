"""Reads about people."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db.models import CharField, DateTimeField, Q, QuerySet, UUIDField
from django.db.models.functions import Cast
from django.utils import timezone

from apps.accounts.models import ApiKey, Department, Group, User
from apps.core.prepared import Prepared

_BELONGS = Prepared(
    lambda user: (
        Department.objects.filter(members=user)
        .order_by()
        .values_list("tree", flat=True)
        .union(
            User.teams.through.objects.filter(user=user).values_list(Cast("group", CharField()), flat=True),
            all=True,
        )
    ),
    user=UUIDField(),
)


def people(*, query: str = "") -> QuerySet[User]:
    found = User.objects.order_by("username").prefetch_related("departments", "teams")
    if query := query.strip()[:100]:
        found = found.filter(Q(username__icontains=query) | Q(display_name__icontains=query))
    return found


def departments() -> QuerySet[Department]:
    return Department.objects.order_by("path")


def groups() -> QuerySet[Group]:
    return Group.objects.order_by("name")


def belongs(user: User) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """The person's departments with all above them (what is given to one of these is given to the person), and the
    groups they are in."""
    found = _BELONGS(user=user.pk)
    trees = [tree.strip("/").split("/") for tree in found if tree.startswith("/")]
    teams = [UUID(key) for key in found if not key.startswith("/")]
    return frozenset(UUID(key) for keys in trees for key in keys), frozenset(teams)


def api_keys_for(user: User) -> QuerySet[ApiKey]:
    return user.api_keys.filter(revoked_at=None)


_KEYS = ApiKey.objects.select_related("user").order_by()
_KEY = Prepared(lambda digest: _KEYS.filter(hash=digest), digest=CharField())
_KEY_BEFORE = Prepared(
    lambda digest, now: _KEYS.filter(previous_hash=digest, previous_until__gt=now),
    digest=CharField(),
    now=DateTimeField(),
)


def api_key_by_secret(secret: str) -> ApiKey | None:
    """The live key with this secret, or with it until its rotation's grace ends; None otherwise, and for keys
    that sign instead of being sent. Every call asks this, so the database only finds the row; what makes it
    live is looked at here."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    key = _KEY.first(digest=digest) or _KEY_BEFORE.first(digest=digest, now=timezone.now())
    return key if key is not None and key.is_live and not key.signed else None


def signed_key(key_id: UUID) -> ApiKey | None:
    key = ApiKey.objects.select_related("user").filter(pk=key_id, signed=True).first()
    return key if key is not None and key.is_live else None
