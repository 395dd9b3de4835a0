"""Where grants hold: keeps Folder.closed and the Reach rows what the tree of folders says.

Whoever changes the tree holds the lock of the cabinet's row meanwhile, so that a folder made below one that
is just being closed cannot take over what no longer reaches it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from apps.cabinets.models import Cabinet, Folder, Reach

BATCH = 500
STAMP_BITS = 62  # what a signed 64 bit number holds


@dataclass(frozen=True, slots=True)
class Held:
    """What holds in a folder: whether it is closed, and the folders whose grants reach it."""

    closed: bool
    sources: tuple[UUID, ...]


def tree_lock(cabinet_id: UUID) -> None:
    """Inside a transaction: nobody else changes the folders or the grants of this cabinet until it ends, and what
    searches remember of them (apps.cabinets.places) holds no longer. The number is drawn, not counted up: one that
    is rolled back must not come again. Raises Cabinet.DoesNotExist."""
    if not Cabinet.objects.filter(pk=cabinet_id).update(rights=secrets.randbits(STAMP_BITS)):
        raise Cabinet.DoesNotExist


def held_in(folder: Folder, above: Held | None) -> Held:
    """By the rules alone. `above` is that of the parent; None for the root of a cabinet."""
    if above is None:
        return Held(False, ())
    if not folder.inherits:
        return Held(True, (folder.pk,))
    return Held(above.closed, (*above.sources, folder.pk))


def expected(folders: Iterable[Folder], *, above: Held | None = None) -> dict[UUID, Held]:
    """For a whole subtree, its top's parent held as `above`; parents come before children in `tree` order."""
    found: dict[UUID, Held] = {}
    for folder in sorted(folders, key=lambda folder: len(folder.tree)):
        found[folder.pk] = held_in(folder, found.get(folder.parent_id, above) if folder.parent_id else None)  # type: ignore[arg-type]
    return found


def kept(folder: Folder) -> Held:
    """As the rows say now."""
    sources = Reach.objects.filter(folder=folder).values_list("source", flat=True)
    return Held(folder.closed, tuple(sources))


def reach_add(folder: Folder, *, parent: Folder) -> None:
    """For a folder just made, under the lock of the tree."""
    held = held_in(folder, kept(parent))
    if held.closed:
        Folder.objects.filter(pk=folder.pk).update(closed=True)
        folder.closed = True
    Reach.objects.bulk_create([Reach(folder=folder, source_id=source) for source in held.sources])


def reach_rebuild(top: Folder) -> None:
    """For a folder and all below it, under the lock of the tree, after `inherits` or the place of it changed."""
    parent = top.parent
    below = list(Folder.objects.filter(tree__startswith=top.tree))
    wanted = expected(below, above=kept(parent) if parent is not None else None)
    Reach.objects.filter(folder__tree__startswith=top.tree).delete()
    rows = [Reach(folder_id=key, source_id=one) for key, held in wanted.items() for one in held.sources]
    Reach.objects.bulk_create(rows, batch_size=BATCH)
    for closed in (True, False):
        changed = [f.pk for f in below if wanted[f.pk].closed is closed and f.closed is not closed]
        for start in range(0, len(changed), BATCH):
            Folder.objects.filter(pk__in=changed[start : start + BATCH]).update(closed=closed)
