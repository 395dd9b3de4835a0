"""The folder tree as the page draws it: nested, open along the way to the current folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from apps.cabinets.models import Folder

MOST_OPEN = 400  # a larger tree shows only the branches around the current folder


@dataclass(slots=True)
class Branch:
    folder: Folder
    count: int
    current: bool = False
    open: bool = False
    children: list[Branch] = field(default_factory=list)


def branches(folders: Sequence[Folder], *, current: Folder | None) -> list[Branch]:
    """The tops of a flat list in path order, as `selectors.folder_tree` gives it. A folder whose
    parent is not visible becomes a top. The root itself is left out: the cabinet stands for it."""
    made: dict[UUID, Branch] = {}
    tops: list[Branch] = []
    for folder in _near(folders, current):
        if folder.is_root:
            continue
        branch = Branch(folder, getattr(folder, "document_count", 0))
        branch.current = current is not None and folder.pk == current.pk
        branch.open = current is not None and current.tree.startswith(folder.tree)
        made[folder.pk] = branch
        parent = made.get(folder.parent_id) if folder.parent_id else None
        (parent.children if parent else tops).append(branch)
    return tops


def children_of(folders: Sequence[Folder], *, parent: Folder | None) -> list[Folder]:
    """The folders shown as rows: those in `parent`, or the visible tops where there is no parent."""
    if parent is not None:
        return [folder for folder in folders if folder.parent_id == parent.pk]
    seen = {folder.pk for folder in folders}
    return [folder for folder in folders if folder.parent_id not in seen]


def trail(folders: Sequence[Folder], *, current: Folder | None) -> list[Folder]:
    """The visible folders from the top down to the current one, without the root."""
    if current is None:
        return []
    return [folder for folder in folders if not folder.is_root and current.tree.startswith(folder.tree)]


def _near(folders: Sequence[Folder], current: Folder | None) -> Sequence[Folder]:
    if len(folders) <= MOST_OPEN:
        return folders
    way = current.tree if current is not None else ""
    seen = {folder.pk for folder in folders}
    on_way = {folder.pk for folder in folders if way.startswith(folder.tree)}
    return [
        folder
        for folder in folders
        if folder.parent_id in on_way or folder.pk in on_way or folder.parent_id not in seen
    ]
