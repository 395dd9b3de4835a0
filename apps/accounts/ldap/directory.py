"""What is asked of the directory. Names that people type are escaped before they stand in a filter.

The service account of LDAP_BIND_DN searches; a password is proved by binding with it as the person that was
found. Every wait has an end.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from ldap3 import Connection

logger = logging.getLogger(__name__)
SECONDS = 8
PAGE = 500
DISABLED = 2  # in userAccountControl of Active Directory


class DirectoryAway(Exception):
    """The directory cannot be asked now; the reason is for the log."""


@dataclass(frozen=True, slots=True)
class Person:
    """As the directory has them. `subject` stays when the name changes."""

    dn: str
    subject: str
    username: str
    display_name: str = ""
    departments: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    enabled: bool = True


def is_configured() -> bool:
    return bool(settings.LDAP["url"] and settings.LDAP["base"])


def proved(username: str, password: str) -> Person | None:
    """The person whose password this is; None for everybody else. Raises DirectoryAway.

    An empty password would be an anonymous bind, which many directories accept for anybody."""
    if not username.strip() or not password or "\0" in username + password:
        return None
    from ldap3.utils.conv import escape_filter_chars

    options = settings.LDAP
    told = f"(&{options['people_filter']}({options['username']}={escape_filter_chars(username.strip())}))"
    with _connected(options["bind_dn"], options["bind_password"]) as service:
        if service is None:
            raise DirectoryAway("the service account may not bind")
        found = _search(service, options["base"], told, most=2)
        if len(found) != 1:
            return None
        person = _person(found[0])
        if person is None or not person.enabled:
            return None
        with _connected(person.dn, password) as own:
            if own is None:
                return None
        return _with_groups(person, _groups_of(service, person))


def everybody() -> Iterator[Person]:
    """All people of the directory with their groups, page by page. Raises DirectoryAway."""
    options = settings.LDAP
    with _connected(options["bind_dn"], options["bind_password"]) as service:
        if service is None:
            raise DirectoryAway("the service account may not bind")
        groups = _all_groups(service)
        for entry in _paged(service, options["base"], options["people_filter"]):
            person = _person(entry)
            if person is not None:
                yield _with_groups(
                    person, groups.get(person.dn.lower(), []) + groups.get(person.username, [])
                )


@contextmanager
def _connected(dn: str, password: str) -> Iterator[Connection | None]:
    """A bound connection; None where the directory refuses the password."""
    from ldap3 import Connection, Server, Tls
    from ldap3.core.exceptions import LDAPException

    options = settings.LDAP
    tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=options["ca_file"] or None)
    connection = None
    try:
        server = Server(options["url"], connect_timeout=SECONDS, tls=tls, get_info="NO_INFO")
        connection = Connection(
            server, user=dn, password=password, receive_timeout=SECONDS, read_only=True, auto_referrals=False
        )
        connection.open()
        if options["starttls"] and not connection.start_tls():
            raise DirectoryAway("STARTTLS was refused")
        bound = connection.bind()
        yield connection if bound else None
    except (LDAPException, OSError) as error:
        raise DirectoryAway(f"{type(error).__name__}: {error}"[:300]) from error
    finally:
        if connection is not None:
            connection.unbind()


def _attributes() -> list[str]:
    options = settings.LDAP
    names = [options["username"], options["name"], options["id"], "userAccountControl"]
    if options["department"] != "dn":
        names.append(options["department"])
    return [name for name in dict.fromkeys(names) if name]


def _search(service: Connection, base: str, told: str, *, most: int) -> list[dict[str, Any]]:
    service.search(base, told, attributes=_attributes(), size_limit=most, time_limit=SECONDS)
    return [entry for entry in service.response or [] if entry["type"] == "searchResEntry"]


def _paged(
    service: Connection, base: str, told: str, *, attributes: list[str] | None = None
) -> Iterator[Any]:
    rows = service.extend.standard.paged_search(
        base,
        told,
        attributes=attributes or _attributes(),
        paged_size=PAGE,
        time_limit=SECONDS * 8,
        generator=True,
    )
    yield from (entry for entry in rows if entry["type"] == "searchResEntry")


def _person(entry: dict[str, Any]) -> Person | None:
    """None for an entry without the id or the name for signing in."""
    options, raw = settings.LDAP, entry["attributes"]
    subject, username = _first(raw.get(options["id"])), _first(raw.get(options["username"]))
    if not subject or not username:
        logger.warning("directory entry %s has no %s or %s", entry["dn"], options["id"], options["username"])
        return None
    control = _first(raw.get("userAccountControl"))
    return Person(
        dn=entry["dn"],
        subject=subject,
        username=username,
        display_name=_first(raw.get(options["name"])),
        departments=_departments(entry["dn"], raw),
        enabled=not (control.isdigit() and int(control) & DISABLED),
    )


def _departments(dn: str, raw: Any) -> tuple[str, ...]:
    """The values of the attribute, or, for "dn", the organisational units on the way down to the person."""
    name = settings.LDAP["department"]
    if name != "dn":
        return tuple(_texts(raw.get(name))) if name else ()
    from ldap3.utils.dn import parse_dn

    units = [value.replace("/", "／") for kind, value, _sep in parse_dn(dn) if kind.lower() == "ou"]
    below = [value for kind, value, _sep in parse_dn(settings.LDAP["base"]) if kind.lower() == "ou"]
    own = units[: len(units) - len(below)] if below else units
    return ("/".join(reversed(own)),) if own else ()


def _groups_of(service: Connection, person: Person) -> list[str]:
    from ldap3.utils.conv import escape_filter_chars

    base = settings.LDAP["groups_base"]
    if not base:
        return []
    dn, uid = escape_filter_chars(person.dn), escape_filter_chars(person.username)
    told = f"(|(member={dn})(uniqueMember={dn})(memberUid={uid}))"
    return [
        name
        for entry in _paged(service, base, told, attributes=["cn"])
        if (name := _first(entry["attributes"].get("cn")))
    ]


def _all_groups(service: Connection) -> dict[str, list[str]]:
    """Names of groups by the DN (small letters) or the name for signing in of each member."""
    base = settings.LDAP["groups_base"]
    found: dict[str, list[str]] = {}
    if not base:
        return found
    told = "(|(member=*)(uniqueMember=*)(memberUid=*))"
    for entry in _paged(service, base, told, attributes=["cn", "member", "uniqueMember", "memberUid"]):
        raw = entry["attributes"]
        for member in (*_texts(raw.get("member")), *_texts(raw.get("uniqueMember"))):
            found.setdefault(member.lower(), []).append(_first(raw.get("cn")))
        for member in _texts(raw.get("memberUid")):
            found.setdefault(member, []).append(_first(raw.get("cn")))
    return found


def _with_groups(person: Person, groups: list[str]) -> Person:
    return replace(person, groups=tuple(dict.fromkeys(filter(None, groups))))


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return [
        text.hex() if isinstance(text, bytes) else str(text) for text in values if text not in (None, "", b"")
    ]


def _first(value: Any) -> str:
    return next(iter(_texts(value)), "")
