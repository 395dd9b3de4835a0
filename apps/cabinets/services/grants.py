"""Who may do what: grants, and folders that break the inheritance. Who may change it, access.py decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.departments import department_named
from apps.accounts.models import Group, User
from apps.accounts.trail import audit_record
from apps.cabinets.models import Cabinet, Folder, Grant, Role
from apps.cabinets.services.reach import reach_rebuild, tree_lock
from apps.core.problems import Problem, invalid


@dataclass(frozen=True, slots=True)
class Entry:
    """`subject` is "user:NAME", "department:PATH" (or a name that only one has), "group:NAME" or "everyone"."""

    subject: str
    role: str
    download: bool = True


@transaction.atomic
def grants_set(
    *,
    by: User,
    cabinet: Cabinet,
    entries: Sequence[Entry | tuple[str, str]],
    folder: Folder | None = None,
) -> list[Grant]:
    """Replace the grants of a cabinet (or of one folder). The last manager cannot be taken away. The root folder
    is the cabinet."""
    folder = None if folder is None or folder.is_root else folder
    named = [entry if isinstance(entry, Entry) else Entry(*entry) for entry in entries]
    wanted = [_grant(cabinet, folder, entry, number) for number, entry in enumerate(named)]
    if folder is None and not any(grant.role == Role.MANAGER for grant in wanted):
        raise Problem(409, _("A cabinet needs at least one manager."), code="last_manager")
    if len({grant.subject for grant in wanted}) != len(wanted):
        raise invalid("subject", _("Each person, department or group can be named once."))
    tree_lock(cabinet.pk)
    before = shown(cabinet.grants.filter(folder=folder).select_related("user", "department", "group"))
    cabinet.grants.filter(folder=folder).delete()
    made = Grant.objects.bulk_create(wanted)
    detail = {"before": before, "grants": shown(made)}
    audit_record(by, action="grants.set", target=folder or cabinet, detail=detail)
    return made


@transaction.atomic
def grant_add(*, by: User, cabinet: Cabinet, folder: Folder | None, user: User, role: str) -> Grant:
    """Give one person a role, or a stronger one than they have there by name."""
    folder = None if folder is None or folder.is_root else folder
    tree_lock(cabinet.pk)
    grant = cabinet.grants.filter(folder=folder, user=user).first()
    grant = grant or Grant(cabinet=cabinet, folder=folder, user=user, role=role)
    if role in Role.at_least(grant.role):
        grant.role = role
    grant.download = True
    grant.save()
    audit_record(by, action="grants.add", target=folder or cabinet, detail={"grants": shown([grant])})
    return grant


@transaction.atomic
def folder_set_inherits(folder: Folder, *, by: User, inherits: bool, keep: bool = True) -> Folder:
    """Break or mend the inheritance. A closed folder is reached by its own grants and by the managers of the
    cabinet. Who breaks it stays its manager; `keep` turns all that reached it until now into grants of its own."""
    if folder.is_root:
        raise Problem(409, _("The top of a cabinet has nothing to inherit from."), code="root")
    tree_lock(folder.cabinet_id)
    folder = Folder.objects.select_related("parent", "cabinet").get(pk=folder.pk)
    if folder.inherits == inherits:
        return folder
    if not inherits:
        _settle_own(folder, by=by, keep=keep)
    folder.inherits = inherits
    folder.save(update_fields=["inherits"])
    reach_rebuild(folder)
    folder.refresh_from_db()
    detail = {"inherits": inherits, "kept": keep and not inherits}
    audit_record(by, action="folder.inherits", target=folder, detail=detail)
    return folder


def _settle_own(folder: Folder, *, by: User, keep: bool) -> None:
    """The grants that a folder needs before it stands alone."""
    own: dict[str, Grant] = {grant.subject: grant for grant in _full(folder.grants)}
    above = _full(grants_reaching(folder).exclude(folder=folder)) if keep else []
    above = [grant for grant in above if grant.folder_id or grant.role != Role.MANAGER]  # those stay anyway
    for grant in above:
        kept = own.get(grant.subject)
        if kept is None:
            own[grant.subject] = Grant(
                cabinet_id=folder.cabinet_id, folder=folder, user=grant.user, department=grant.department,
                group=grant.group, everyone=grant.everyone, role=grant.role, download=grant.download,
            )  # fmt: skip
        else:
            kept.role = max(kept.role, grant.role, key=list(Role.values).index)
            kept.download = kept.download or grant.download
    whole = folder.cabinet.grants.filter(folder=None, user=by, role=Role.MANAGER).exists()
    if not whole and not by.is_superuser:
        mine = own.setdefault(
            f"user:{by.username}", Grant(cabinet_id=folder.cabinet_id, folder=folder, user=by)
        )
        mine.role, mine.download = Role.MANAGER, True
    for grant in own.values():
        grant.save()


def grants_reaching(folder: Folder) -> Any:
    """All grants that hold in a folder, of the cabinet and of each folder that reaches it."""
    whole = folder.cabinet.grants.filter(folder=None)
    if folder.closed:
        whole = whole.filter(role=Role.MANAGER)
    return Grant.objects.filter(pk__in=whole.values("pk")) | Grant.objects.filter(
        folder__in=folder.reached_by.values("source")
    )


def _full(grants: Any) -> Any:
    return grants.select_related("user", "department", "group", "folder")


def shown(grants: Any) -> list[list[Any]]:
    """As the audit trail keeps them."""
    return [[grant.subject, grant.role, grant.download] for grant in grants]


def _grant(cabinet: Cabinet, folder: Folder | None, entry: Entry, number: int) -> Grant:
    if entry.role not in Role.values:
        raise invalid(f"{number}.role", _("A role is viewer, contributor or manager."))
    download = entry.download or entry.role != Role.VIEWER
    grant = Grant(cabinet=cabinet, folder=folder, role=entry.role, download=download)
    kind, separator, name = entry.subject.partition(":")
    if entry.subject == "everyone":
        grant.everyone = True
    elif kind == "user" and separator:
        grant.user = User.objects.filter(username=name, is_active=True).first()
    elif kind == "department" and separator:
        grant.department = department_named(name)
    elif kind == "group" and separator:
        grant.group = Group.objects.filter(name=name).first()
    if not (grant.everyone or grant.user or grant.department or grant.group):
        raise invalid(
            f"{number}.subject",
            _("There is no active person, department or group “%(name)s”.") % {"name": entry.subject},
        )
    return grant
