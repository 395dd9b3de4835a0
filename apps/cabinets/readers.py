"""Who reads, as the gate sees them: all of a person that their rights depend on beside the database's rows.

The gate builds its conditions from this value alone, so a prepared question may be kept by it: two equal readers
are asked for with the same words. What is granted to them is in the rows, and is asked for anew each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from apps.accounts.models import User
from apps.accounts.selectors import belongs


@dataclass(frozen=True, slots=True)
class Reader:
    """`departments`: the person's and all above them; `teams`: the groups they are in. Neither for an administrator,
    who needs no grant. `only_cabinets`: what the key of this request is restricted to; `viewed`: an administrator
    looks with this person's eyes."""

    pk: UUID
    is_active: bool
    is_superuser: bool
    clearance: int
    departments: frozenset[UUID] = frozenset()
    teams: frozenset[UUID] = frozenset()
    only_cabinets: frozenset[UUID] | None = None
    viewed: bool = False


def reader_of(user: User | Reader) -> Reader:
    """As the person is at this moment."""
    if isinstance(user, Reader):
        return user
    departments, teams = (frozenset(), frozenset()) if user.is_superuser else belongs(user)
    return Reader(
        pk=user.pk,
        is_active=user.is_active,
        is_superuser=user.is_superuser,
        clearance=user.clearance,
        departments=departments,
        teams=teams,
        only_cabinets=user.only_cabinets,
        viewed=user.viewed_by is not None,
    )
