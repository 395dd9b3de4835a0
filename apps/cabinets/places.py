"""Which cabinets and folders a reader's search names to the store, remembered as long as nothing about them changed.

A search must not read the thousands of folders that a person's grants reach, so what they reach is remembered: by
the reader (apps.cabinets.readers: the person, their departments and groups, their key) and by the number
`Cabinet.rights`, which every change of a cabinet's folders and grants draws anew in its own transaction, under the
lock of the tree. Which cabinets are the reader's, and their numbers, each search reads from the database.

Nobody is let in by what is remembered here. It is what the store is asked for; every hit is then asked of the gate,
which reads the grants themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from apps.cabinets import access
from apps.cabinets.models import Folder
from apps.cabinets.readers import Reader

KEPT_READERS = 128
KEPT_FOLDERS = 50_000  # ids that readers share, about 200 bytes each
KEPT_UNIONS = 4  # a reader's searches: everywhere, and in a few chosen cabinets

Stamped = tuple[UUID, int]  # a cabinet and its number


@dataclass(frozen=True, slots=True)
class Places:
    """`whole` are cabinets of which every folder is the reader's; of the others these `folders` are."""

    whole: frozenset[UUID]
    folders: frozenset[UUID]


class Remembered:
    """What one reader's grants reach, cabinet by cabinet. `None` is all of it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._inside: dict[UUID, tuple[int, frozenset[UUID] | None]] = {}
        self._unions: dict[tuple[Stamped, ...], Places] = {}

    def places(self, cabinets: Iterable[Stamped]) -> Places:
        """In these cabinets of the reader. The numbers must have been read before anything else of this search."""
        wanted = tuple(sorted(cabinets))
        if (found := self._unions.get(wanted)) is not None:
            return found
        known = self._inside
        stale = [key for key, number in wanted if known.get(key, (None,))[0] != number]
        fresh = _inside(self._reader, stale) if stale else {}
        current = {key: (number, fresh[key] if key in fresh else known[key][1]) for key, number in wanted}
        self._inside = {**known, **current}
        places = _union({key: inside for key, (_number, inside) in current.items()})
        kept = self._unions if len(self._unions) < KEPT_UNIONS else {}
        self._unions = {**kept, wanted: places}
        return places


@lru_cache(maxsize=KEPT_READERS)
def remembered(reader: Reader) -> Remembered:
    return Remembered(reader)


def _union(inside: dict[UUID, frozenset[UUID] | None]) -> Places:
    whole = frozenset(key for key, folders in inside.items() if folders is None)
    return Places(whole, frozenset().union(*(folders for folders in inside.values() if folders)))


def _inside(reader: Reader, cabinets: Collection[UUID]) -> dict[UUID, frozenset[UUID] | None]:
    """As the database says at this moment. What is granted on a cabinet reaches all of it but closed folders;
    without such a grant its top folder at least is not the reader's."""
    if reader.is_superuser:
        return dict.fromkeys(cabinets)
    given = access.grants_of(reader).filter(folder=None, cabinet__in=cabinets)
    whole = set(given.values_list("cabinet", flat=True))
    mine = access.folders_for(reader).filter(cabinet__in=cabinets).order_by()
    if whole:
        shut = Folder.objects.filter(closed=True, cabinet__in=whole).exclude(pk__in=mine.values("pk"))
        whole -= set(shut.order_by().values_list("cabinet", flat=True).distinct())
    parts: dict[UUID, set[UUID]] = defaultdict(set)
    named = mine.filter(cabinet__in=[key for key in cabinets if key not in whole])
    for cabinet, folder in named.values_list("cabinet", "pk"):
        parts[cabinet].add(_same(folder))
    return {key: None if key in whole else frozenset(parts[key]) for key in cabinets}


@lru_cache(maxsize=KEPT_FOLDERS)
def _same(key: UUID) -> UUID:
    """The one object for this id: many readers remember the same folders."""
    return key
