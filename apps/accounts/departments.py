"""Changes to departments and groups. Each is written into the audit trail in its own transaction."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Department, Group, User
from apps.accounts.models.people import SEPARATOR
from apps.accounts.trail import audit_record
from apps.core.problems import Problem, invalid

MOST_LEVELS = 12
LONGEST_NAME, LONGEST_PATH = 120, 600
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def clean_title(name: str, *, field: str = "name") -> str:
    """A name as it is kept: NFC, without control and direction marks, outer spaces or the separator."""
    cleaned = _CONTROL.sub("", unicodedata.normalize("NFC", name)).strip()
    if not cleaned:
        raise invalid(field, _("Enter a name."))
    if SEPARATOR in cleaned:
        raise invalid(field, _("A name cannot contain /."))
    if len(cleaned) > LONGEST_NAME:
        raise invalid(field, _("A name can have at most %(most)d characters.") % {"most": LONGEST_NAME})
    return cleaned


def department_named(name: str) -> Department | None:
    """The department with this path, else the only one with this name anywhere in the tree."""
    if found := Department.objects.filter(path=name).first():
        return found
    same = list(Department.objects.filter(name=name)[:2])
    return same[0] if len(same) == 1 else None


@transaction.atomic
def department_create(
    *,
    by: User | None,
    name: str,
    parent: Department | None = None,
    source: str = "",
    external_id: str = "",
) -> Department:
    name = clean_title(name)
    path = _path(parent, name)
    if parent is not None and parent.tree.count("/") - 1 >= MOST_LEVELS:
        raise invalid("parent", _("Departments can be nested %(most)d deep.") % {"most": MOST_LEVELS})
    key = uuid.uuid4()
    try:
        with transaction.atomic():
            made = Department.objects.create(
                id=key,
                name=name,
                parent=parent,
                path=path,
                tree=f"{parent.tree if parent else '/'}{key}/",
                source=source,
                external_id=external_id,
            )
    except IntegrityError:
        raise Problem(409, _("There is a department with this name already."), code="exists") from None
    audit_record(by, action="department.create", target=made)
    return made


@transaction.atomic
def department_ensure(path: str, *, by: User | None = None) -> Department:
    """The department at a path of names ("Head office/Finance"), made where it is missing. A single name
    that one department anywhere has means that one."""
    if found := department_named(path.strip()):
        return found
    parent: Department | None = None
    for part in (part.strip() for part in path.split(SEPARATOR)):
        if not part:
            raise invalid("department", _("A department needs a name."))
        name = clean_title(part, field="department")
        existing = Department.objects.filter(path=_path(parent, name)).first()
        parent = existing or department_create(by=by, name=name, parent=parent)
    assert parent is not None  # a text has at least one part
    return parent


@transaction.atomic
def department_update(
    department: Department,
    *,
    by: User | None,
    name: str | None = None,
    parent: Department | None = None,
    to_top: bool = False,
) -> Department:
    """Rename and move; what is None stays (`to_top` moves it out of every other). All below go with it."""
    name = clean_title(name) if name is not None else department.name
    above = None if to_top else (parent or department.parent)
    if above is not None and above.tree.startswith(department.tree):
        raise invalid("parent", _("A department cannot be put below itself."))
    old_path, old_tree = department.path, department.tree
    path, tree = _path(above, name), f"{above.tree if above else '/'}{department.pk}/"
    below = list(Department.objects.filter(tree__startswith=old_tree).order_by("tree"))
    deepest = max(row.tree.count("/") for row in below) - old_tree.count("/") + tree.count("/") - 1
    if deepest > MOST_LEVELS:
        raise invalid("parent", _("Departments can be nested %(most)d deep.") % {"most": MOST_LEVELS})
    for row in below:
        row.path, row.tree = path + row.path[len(old_path) :], tree + row.tree[len(old_tree) :]
        if len(row.path) > LONGEST_PATH:
            raise invalid("name", _("The path of this department would be too long."))
        if row.pk == department.pk:
            row.name, row.parent = name, above
    try:
        with transaction.atomic():
            Department.objects.bulk_update(below, ["name", "parent", "path", "tree"])
    except IntegrityError:
        raise Problem(409, _("There is a department with this name already."), code="exists") from None
    department.refresh_from_db()
    audit_record(by, action="department.update", target=department, detail={"from": old_path})
    return department


@transaction.atomic
def department_delete(department: Department, *, by: User | None) -> None:
    """Only without departments below it; its members stay people, its grants go."""
    if department.children.exists():
        raise Problem(409, _("Delete or move the departments below it first."), code="not_empty")
    audit_record(
        by,
        action="department.delete",
        target=department,
        detail={"members": department.members.count()},
    )
    department.delete()


@transaction.atomic
def department_set_heads(department: Department, *, by: User | None, heads: Collection[User]) -> None:
    department.heads.set(heads)
    detail = {"heads": sorted(person.username for person in heads)}
    audit_record(by, action="department.heads", target=department, detail=detail)


def _path(parent: Department | None, name: str) -> str:
    path = f"{parent.path}{SEPARATOR}{name}" if parent else name
    if len(path) > LONGEST_PATH:
        raise invalid("name", _("The path of this department would be too long."))
    return path


@transaction.atomic
def group_create(
    *, by: User | None, name: str, description: str = "", source: str = "", external_id: str = ""
) -> Group:
    try:
        with transaction.atomic():
            made = Group.objects.create(
                name=clean_title(name),
                description=description.strip()[:500],
                source=source,
                external_id=external_id,
            )
    except IntegrityError:
        raise Problem(409, _("There is a group with this name already."), code="exists") from None
    audit_record(by, action="group.create", target=made)
    return made


@transaction.atomic
def group_update(
    group: Group,
    *,
    by: User | None,
    name: str | None = None,
    description: str | None = None,
    members: Collection[User] | None = None,
) -> Group:
    """What is None stays."""
    if name is not None:
        group.name = clean_title(name)
    if description is not None:
        group.description = description.strip()[:500]
    try:
        with transaction.atomic():
            group.save(update_fields=["name", "description"])
    except IntegrityError:
        raise Problem(409, _("There is a group with this name already."), code="exists") from None
    detail = {}
    if members is not None:
        group.members.set(members)
        detail = {"members": sorted(person.username for person in members)}
    audit_record(by, action="group.update", target=group, detail=detail)
    return group


def groups_named(names: Collection[str]) -> list[Group]:
    """Raises Problem 422 for a name that no group has."""
    found = list(Group.objects.filter(name__in=names))
    if missing := sorted(set(names) - {group.name for group in found}):
        raise invalid("teams", _("There is no group called “%(name)s”.") % {"name": missing[0][:120]})
    return found


@transaction.atomic
def group_delete(group: Group, *, by: User | None) -> None:
    audit_record(by, action="group.delete", target=group, detail={"members": group.members.count()})
    group.delete()
