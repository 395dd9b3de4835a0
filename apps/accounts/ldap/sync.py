"""Taking over what the directory says: new people, names, departments, groups, and who is gone."""

from __future__ import annotations

from dataclasses import dataclass, field

from apps.accounts.identities import Refused
from apps.accounts.ldap import directory
from apps.accounts.ldap.backend import account_of, issuer
from apps.accounts.models import Identity, User
from apps.accounts.services import user_set_active
from apps.core.problems import Problem

MOST_GONE = 0.2  # of all: more looks like a wrong base or filter rather than people who left
FEW = 5


class TooManyGone(Exception):
    """`gone` of `known` people would be deactivated."""

    def __init__(self, gone: int, known: int) -> None:
        super().__init__(f"{gone} of {known}")
        self.gone, self.known = gone, known


@dataclass
class Result:
    made: int = 0
    seen: int = 0
    deactivated: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def synchronise(*, force: bool = False, dry_run: bool = False) -> Result:
    """People of the directory get accounts; those of it who are no longer there, or disabled there, are
    deactivated. Administrators and accounts made here stay. Raises DirectoryAway, TooManyGone."""
    people = list(directory.everybody())
    result = Result(seen=len(people))
    present = {person.subject for person in people if person.enabled}
    known = Identity.objects.select_related("user").filter(issuer=issuer())
    gone = [row.user for row in known if row.subject not in present and row.user.is_active]
    gone = [user for user in gone if not user.is_superuser]
    total = known.count()
    if not force and len(gone) > FEW and len(gone) > MOST_GONE * total:
        raise TooManyGone(len(gone), total)
    if dry_run:
        there = set(known.values_list("subject", flat=True))
        result.made = len(present - there)
        result.deactivated = sorted(user.username for user in gone)
        return result
    before = User.objects.count()
    for person in people:
        if person.enabled:
            _take_over(person, result)
    result.made = User.objects.count() - before
    for user in gone:
        user_set_active(by=None, user=user, active=False)
        result.deactivated.append(user.username)
    return result


def _take_over(person: directory.Person, result: Result) -> None:
    """One that cannot be taken over does not hold up the others."""
    try:
        account_of(person)
    except (Refused, Problem) as error:
        result.refused.append(f"{person.username}: {error}")
