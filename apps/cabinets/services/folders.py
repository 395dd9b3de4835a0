"""Changes to folders. Who may do it is decided by the caller through access.py."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.trail import audit_record
from apps.cabinets.models import Document, Folder
from apps.cabinets.services.names import clean_name
from apps.cabinets.services.reach import reach_add, reach_rebuild, tree_lock
from apps.core.problems import Problem, invalid

MAX_DEPTH = 12
LONGEST_PATH = 1000


@transaction.atomic
def folder_create(*, by: User, parent: Folder, name: str) -> Folder:
    name = clean_name(name)
    tree_lock(parent.cabinet_id)
    parent = _again(parent)
    if parent.tree.count("/") - 1 >= MAX_DEPTH:
        raise invalid("parent_id", _("Folders can be nested %(most)d deep.") % {"most": MAX_DEPTH})
    path = _path(parent, name)
    key = uuid.uuid4()
    try:
        with transaction.atomic():
            folder = Folder.objects.create(
                id=key,
                cabinet_id=parent.cabinet_id,
                parent=parent,
                name=name,
                path=path,
                tree=f"{parent.tree}{key}/",
            )
    except IntegrityError:
        raise Problem(409, _("A folder with this name is already there."), code="exists") from None
    reach_add(folder, parent=parent)
    audit_record(by, action="folder.create", target=folder)
    return folder


def _again(folder: Folder) -> Folder:
    """As it is now that the tree is locked. Raises Problem 409 when it went away meanwhile."""
    found = Folder.objects.filter(pk=folder.pk).first()
    if found is None:
        raise Problem(409, _("This folder is no longer there."), code="gone")
    return found


def _path(parent: Folder, name: str) -> str:
    path = f"{parent.path}/{name}" if parent.path else name
    if len(path) > LONGEST_PATH:
        raise invalid("name", _("The path of this folder would be too long."))
    return path


def folder_ensure_path(*, by: User, root: Folder, path: str) -> Folder:
    """The folder at a relative path ("制度/差旅"), made where it is missing."""
    folder = root
    for part in [part for part in path.replace("\\", "/").split("/") if part not in {"", "."}]:
        name = clean_name(part, field="path")
        existing = folder.children.filter(name=name).first()
        try:
            folder = existing or folder_create(by=by, parent=folder, name=name)
        except Problem as problem:
            if problem.code != "exists":  # otherwise another upload made it in the meantime
                raise
            folder = folder.children.get(name=name)
    return folder


@transaction.atomic
def folder_rename(folder: Folder, *, by: User, name: str) -> Folder:
    if folder.is_root:
        raise Problem(409, _("The top of a cabinet is renamed with the cabinet."), code="root")
    name = clean_name(name)
    old, parent_path = folder.path, folder.path.rpartition("/")[0]
    new = f"{parent_path}/{name}" if parent_path else name
    try:
        with transaction.atomic():
            Folder.objects.filter(pk=folder.pk).update(name=name, path=new)
    except IntegrityError:
        raise Problem(409, _("A folder with this name is already there."), code="exists") from None
    for child in Folder.objects.filter(tree__startswith=folder.tree).exclude(pk=folder.pk):
        Folder.objects.filter(pk=child.pk).update(path=new + child.path[len(old) :])
    folder.refresh_from_db()
    audit_record(by, action="folder.rename", target=folder, detail={"from": old})
    return folder


@transaction.atomic
def folder_delete(folder: Folder, *, by: User) -> None:
    """Only an empty folder goes; documents are deleted by name, never by accident."""
    if folder.is_root:
        raise Problem(409, _("The top of a cabinet cannot be deleted; delete the cabinet."), code="root")
    tree_lock(folder.cabinet_id)
    if Document.objects.filter(folder__tree__startswith=folder.tree).exists():
        raise Problem(
            409, _("The folder still holds documents. Move or delete them first."), code="not_empty"
        )
    audit_record(by, action="folder.delete", target=folder)
    Folder.objects.filter(tree__startswith=folder.tree).delete()


@transaction.atomic
def folder_move(folder: Folder, *, by: User, parent: Folder) -> Folder:
    """Below another folder of the same cabinet. What is granted above it then is what is granted there; its own
    grants and its own break go along. Points name the folder by its id, so nothing is indexed again."""
    tree_lock(folder.cabinet_id)
    folder, parent = _again(folder), _again(parent)
    if folder.is_root or parent.cabinet_id != folder.cabinet_id:
        raise Problem(409, _("A folder can be moved within its cabinet only."), code="place")
    if parent.tree.startswith(folder.tree):
        raise invalid("parent_id", _("A folder cannot be put below itself."))
    below = list(Folder.objects.filter(tree__startswith=folder.tree))
    old_path, old_tree = folder.path, folder.tree
    path, tree = _path(parent, folder.name), f"{parent.tree}{folder.pk}/"
    if max(one.tree.count("/") for one in below) - old_tree.count("/") + tree.count("/") - 2 > MAX_DEPTH:
        raise invalid("parent_id", _("Folders can be nested %(most)d deep.") % {"most": MAX_DEPTH})
    for one in below:
        one.path, one.tree = path + one.path[len(old_path) :], tree + one.tree[len(old_tree) :]
        if len(one.path) > LONGEST_PATH:
            raise invalid("parent_id", _("The path of this folder would be too long."))
        if one.pk == folder.pk:
            one.parent = parent
    try:
        with transaction.atomic():
            Folder.objects.bulk_update(below, ["path", "tree", "parent"], batch_size=200)
    except IntegrityError:
        raise Problem(409, _("A folder with this name is already there."), code="exists") from None
    folder = Folder.objects.select_related("parent").get(pk=folder.pk)
    reach_rebuild(folder)
    folder.refresh_from_db()
    audit_record(by, action="folder.move", target=folder, detail={"from": old_path})
    return folder
