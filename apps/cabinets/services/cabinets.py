"""Changes to cabinets, folders and grants. Who may do it is decided by the caller through access.py."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.accounts.models import Department, User
from apps.accounts.services import audit_record
from apps.cabinets.models import Cabinet, Document, Folder, Grant, Role
from apps.cabinets.tuning import checked
from apps.core.problems import Problem, invalid

MAX_DEPTH = 12
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def clean_name(name: str, *, field: str = "name", longest: int = 120) -> str:
    """A display name: NFC, without control and direction marks, path separators or outer spaces."""
    cleaned = CONTROL.sub("", unicodedata.normalize("NFC", name)).strip()
    if not cleaned or cleaned in {".", ".."}:
        raise invalid(field, _("Enter a name."))
    if "/" in cleaned or "\\" in cleaned:
        raise invalid(field, _("A name cannot contain / or \\."))
    if len(cleaned) > longest:
        raise invalid(field, _("A name can have at most %(most)d characters.") % {"most": longest})
    return cleaned


@transaction.atomic
def cabinet_create(*, by: User, name: str, description: str = "", suggestions: dict | None = None) -> Cabinet:
    """A cabinet with its root folder, managed by its maker."""
    _require_whole_key(by)
    name = clean_name(name)
    cabinet = Cabinet.objects.create(
        name=name,
        slug=_free_slug(name),
        description=description.strip()[:2000],
        suggestions=suggestions or {},
        created_by=by,
    )
    root_id = uuid.uuid4()
    Folder.objects.create(id=root_id, cabinet=cabinet, tree=f"/{root_id}/")
    Grant.objects.create(cabinet=cabinet, user=by, role=Role.MANAGER)
    audit_record(by, action="cabinet.create", target=cabinet)
    return cabinet


@transaction.atomic
def personal_cabinet_create(*, by: User, name: str) -> Cabinet:
    """A cabinet for what one person attaches to one conversation (apps/chat/attaching.py)."""
    _require_whole_key(by)
    cabinet = Cabinet.objects.create(
        name=clean_name(name), slug=f"p-{uuid.uuid4().hex}", personal=True, created_by=by
    )
    root_id = uuid.uuid4()
    Folder.objects.create(id=root_id, cabinet=cabinet, tree=f"/{root_id}/")
    Grant.objects.create(cabinet=cabinet, user=by, role=Role.CONTRIBUTOR)
    audit_record(by, action="cabinet.create", target=cabinet, detail={"personal": True})
    return cabinet


def _require_whole_key(by: User) -> None:
    if by.only_cabinets is not None:
        raise Problem(403, _("This key is restricted to other cabinets."), code="scope")


def _free_slug(name: str) -> str:
    base = slugify(name, allow_unicode=True)[:48] or "cabinet"
    if not Cabinet.objects.filter(slug=base).exists():
        return base
    return f"{base}-{uuid.uuid4().hex[:6]}"


@transaction.atomic
def cabinet_update(
    cabinet: Cabinet, *, by: User, name: str | None = None, description: str | None = None
) -> Cabinet:
    if name is not None:
        cabinet.name = clean_name(name)
    if description is not None:
        cabinet.description = description.strip()[:2000]
    cabinet.save(update_fields=["name", "description"])
    audit_record(by, action="cabinet.update", target=cabinet)
    return cabinet


@transaction.atomic
def cabinet_tune(cabinet: Cabinet, *, by: User, values: Mapping[str, Any]) -> Cabinet:
    """Set how this cabinet is searched, as a whole; what is not named is the default. Raises Problem 422."""
    before, cabinet.retrieval = cabinet.retrieval, checked(values)
    cabinet.save(update_fields=["retrieval"])
    detail = {"before": before, "after": cabinet.retrieval}
    audit_record(by, action="cabinet.retrieval", target=cabinet, detail=detail)
    return cabinet


@transaction.atomic
def cabinet_delete(cabinet: Cabinet, *, by: User | None) -> None:
    """Invisible at once; its documents are tombstoned and cleared away by the worker."""
    from apps.cabinets.services.deletion import documents_tombstone

    cabinet.deleted_at = timezone.now()
    cabinet.save(update_fields=["deleted_at"])
    audit_record(by, action="cabinet.delete", target=cabinet)
    documents_tombstone(Document.objects.filter(cabinet=cabinet), by=by)


@transaction.atomic
def folder_create(*, by: User, parent: Folder, name: str) -> Folder:
    name = clean_name(name)
    if parent.tree.count("/") - 1 >= MAX_DEPTH:
        raise invalid("parent_id", _("Folders can be nested %(most)d deep.") % {"most": MAX_DEPTH})
    path = f"{parent.path}/{name}" if parent.path else name
    if len(path) > 1000:
        raise invalid("name", _("The path of this folder would be too long."))
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
    audit_record(by, action="folder.create", target=folder)
    return folder


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
    if Document.objects.filter(folder__tree__startswith=folder.tree).exists():
        raise Problem(
            409, _("The folder still holds documents. Move or delete them first."), code="not_empty"
        )
    audit_record(by, action="folder.delete", target=folder)
    Folder.objects.filter(tree__startswith=folder.tree).delete()


@transaction.atomic
def grants_set(
    *, by: User, cabinet: Cabinet, entries: Sequence[tuple[str, str]], folder: Folder | None = None
) -> list[Grant]:
    """Replace the grants of a cabinet (or of one folder) by (subject, role) pairs, where a subject is
    "user:NAME", "department:NAME" or "everyone". The last manager cannot be taken away."""
    wanted = [
        _grant(cabinet, folder, subject, role, number) for number, (subject, role) in enumerate(entries)
    ]
    if folder is None and not any(grant.role == Role.MANAGER for grant in wanted):
        raise Problem(409, _("A cabinet needs at least one manager."), code="last_manager")
    if len({grant.subject for grant in wanted}) != len(wanted):
        raise invalid("subject", _("Each person or department can be named once."))
    cabinet.grants.filter(folder=folder).delete()
    made = Grant.objects.bulk_create(wanted)
    detail = {"grants": [[grant.subject, grant.role] for grant in made]}
    audit_record(by, action="grants.set", target=folder or cabinet, detail=detail)
    return made


def _grant(cabinet: Cabinet, folder: Folder | None, subject: str, role: str, number: int) -> Grant:
    if role not in Role.values:
        raise invalid(f"{number}.role", _("A role is viewer, contributor or manager."))
    grant = Grant(cabinet=cabinet, folder=folder, role=role)
    kind, separator, name = subject.partition(":")
    if subject == "everyone":
        grant.everyone = True
    elif kind == "user" and separator:
        grant.user = User.objects.filter(username=name, is_active=True).first()
    elif kind == "department" and separator:
        grant.department = Department.objects.filter(name=name).first()
    if not (grant.everyone or grant.user or grant.department):
        raise invalid(
            f"{number}.subject", _("There is no active person or department “%(name)s”.") % {"name": subject}
        )
    return grant
