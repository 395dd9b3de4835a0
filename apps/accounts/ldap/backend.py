"""Django's authentication by the directory: the account is made or brought up to date with each sign-in."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from apps.accounts.identities import Refused, set_memberships, user_of_identity
from apps.accounts.ldap import directory
from apps.accounts.models import User

logger = logging.getLogger(__name__)


class DirectoryBackend(ModelBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_more: Any,
    ) -> User | None:
        if not directory.is_configured() or not username or not password:
            return None
        try:
            person = directory.proved(username, password)
            user = account_of(person) if person is not None else None
        except directory.DirectoryAway as error:
            logger.warning("the directory cannot be asked: %s", error)
            if request is not None:
                request.directory_away = True  # type: ignore[attr-defined]
            return None
        except Refused as error:
            logger.warning("a sign-in by the directory was refused: %s", error)
            return None
        return user if user is not None and user.is_active else None


def account_of(person: directory.Person) -> User:
    """The account of somebody in the directory, with the groups and departments that it tells. Raises Refused."""
    options = settings.LDAP
    user = user_of_identity(
        issuer=issuer(),
        subject=person.subject,
        username=person.username,
        display_name=person.display_name,
        create=options["create"],
        link=options["link"],
    )
    if person.display_name and user.display_name != person.display_name[:120]:
        user.display_name = person.display_name[:120]
        user.save(update_fields=["display_name"])
    set_memberships(
        user,
        origin="ldap",
        groups=person.groups if options["groups_base"] else None,
        departments=person.departments if options["department"] else None,
    )
    return user


def issuer() -> str:
    return f"ldap:{settings.LDAP['base']}"[:300]
