"""People who come from outside: an account for an identity, and the groups and departments told with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.departments import clean_title, department_ensure, group_create
from apps.accounts.models import Group, Identity, Source, User
from apps.accounts.trail import audit_record
from apps.core.problems import Problem

MOST_GROUPS = 500
MOST_DEPARTMENTS = 50


class Refused(Exception):
    """Why this identity gets no account; for the log."""


@transaction.atomic
def user_of_identity(
    *, issuer: str, subject: str, username: str, display_name: str = "", create: bool, link: bool
) -> User:
    """The person of this identity. One who is new is linked to the account of the same name only where `link`
    says that names outside are trusted; otherwise a stranger could take an account over. Raises Refused."""
    known = Identity.objects.select_related("user").filter(issuer=issuer, subject=subject).first()
    if known is not None:
        return known.user
    username = checked_username(username)
    user = User.objects.filter(username__iexact=username).first()
    if user is not None and not link:
        raise Refused(f"{username} is somebody's account already, and linking by name is off")
    if user is None and not create:
        raise Refused(f"there is no account {username}, and accounts are not made")
    if user is None:
        user = User(username=username, display_name=display_name[:120])
        user.set_unusable_password()
        user.save()
        audit_record(None, action="user.create", target=user, detail={"from": issuer})
    Identity.objects.create(user=user, issuer=issuer, subject=subject)
    audit_record(None, action="identity.link", target=user, detail={"issuer": issuer})
    return user


def checked_username(raw: str) -> str:
    name = raw.strip()
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError:
        raise Refused(f"{raw[:80]!r} is no name for signing in") from None
    if len(name) > 150:
        raise Refused("the name for signing in is too long")
    return name


@transaction.atomic
def set_memberships(
    user: User,
    *,
    origin: str,
    groups: Sequence[str] | None = None,
    departments: Sequence[str] | None = None,
) -> None:
    """What the source `origin` ("oidc", "ldap") says, None for nothing. Groups made by hand or by another source
    stay as they are; of departments the source's word is whole."""
    if groups is not None:
        wanted = set(filter(None, (_group(name, origin) for name in _titles(groups))))
        theirs = user.teams.filter(source=Source.LDAP, external_id__startswith=f"{origin}:")
        if set(theirs) != wanted:
            user.teams.remove(*theirs.exclude(pk__in=[group.pk for group in wanted]))
            user.teams.add(*wanted)
            told = sorted(user.teams.values_list("name", flat=True))
            audit_record(None, action="user.groups", target=user, detail={"from": origin, "groups": told})
    if departments is not None:
        paths = list(dict.fromkeys(_path(path) for path in departments[:MOST_DEPARTMENTS] if _path(path)))
        found = [department_ensure(path) for path in paths]
        if {one.pk for one in found} != set(user.departments.values_list("pk", flat=True)):
            user.departments.set(found)
            audit_record(
                None, action="user.departments", target=user, detail={"from": origin, "departments": paths}
            )


def _group(name: str, origin: str) -> Group | None:
    """The group of this source; a group of the same name that people keep by hand is not touched."""
    external = f"{origin}:{name}"[:255]
    found = Group.objects.filter(source=Source.LDAP, external_id=external).first()
    if found is not None:
        return found
    if Group.objects.filter(name=name).exists():
        return None
    return group_create(by=None, name=name, source=Source.LDAP, external_id=external)


def _titles(names: Iterable[str]) -> list[str]:
    kept = []
    for name in list(names)[:MOST_GROUPS]:
        try:
            kept.append(clean_title(str(name).strip("/").replace("/", "／")))
        except Problem:
            continue  # a nameless group names nothing
    return list(dict.fromkeys(kept))


def _path(path: str) -> str:
    """ "/Head office//Finance/" → "Head office/Finance"."""
    return "/".join(filter(None, (part.strip() for part in re.split(r"/+", str(path)))))
