"""The one gate: what a person may see and do. Web, REST, chat and previews all ask here.

A grant on a cabinet reaches all its folders, a grant on a folder its subtree, as far as no folder on the way
breaks the inheritance; into a closed folder of the cabinet's grants only those of its managers reach. The
strongest role counts. A document above the person's clearance is not there for them, whatever their role.
Administrators hold every role and clearance, but in what is personal: the attachments of somebody's
conversation are theirs alone, and their cabinet is in no list. Nothing here is cached: a revocation acts
on the next request.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets.models import Cabinet, Document, Folder, Grant, Reach, Role
from apps.cabinets.readers import Reader, reader_of


def grants_of(user: User | Reader, *, role: str = Role.VIEWER, download: bool = False) -> QuerySet[Grant]:
    """Grants that name the person (by themselves, a department at or above one of theirs, a group, or
    everyone) and give at least this role. With `download` only those that also give the originals."""
    reader = reader_of(user)
    # Not a bare `everyone`, which finds no index in SQLite.
    named = Q(everyone__in=[True]) | Q(user=reader.pk)
    if reader.teams:
        named |= Q(group__in=reader.teams)
    if reader.departments:
        named |= Q(department__in=reader.departments)
    found = Grant.objects.filter(named)
    if role != Role.VIEWER:
        found = found.filter(role__in=Role.at_least(role))
    if download:
        found = found.filter(Q(download=True) | Q(role__in=Role.at_least(Role.CONTRIBUTOR)))
    return found.filter(cabinet__personal=False) if reader.viewed else found


def folders_for(user: User | Reader, *, role: str = Role.VIEWER, download: bool = False) -> QuerySet[Folder]:
    """Folders in which the person holds at least this role."""
    user = reader_of(user)
    live = Folder.objects.filter(cabinet__deleted_at=None)
    if not user.is_active:
        return live.none()
    live = live.filter(within_key(user, "cabinet__"))
    if user.is_superuser:
        return live.filter(_not_of_others(user, "cabinet__"))
    grants = grants_of(user, role=role, download=download)
    reached = Reach.objects.filter(source__in=_on_folders(grants)).values("folder")
    return live.filter(_by_cabinet(grants) | Q(pk__in=reached))


def _by_cabinet(grants: QuerySet[Grant], prefix: str = "") -> Q:
    """Folders (found by `prefix`) that grants on whole cabinets reach."""
    whole = grants.filter(folder=None)
    open_ones = Q(**{f"{prefix}cabinet__in": whole.values("cabinet"), f"{prefix}closed": False})
    managed = whole.filter(role=Role.MANAGER).values("cabinet")
    return open_ones | Q(**{f"{prefix}cabinet__in": managed})


def _by_folder(grants: QuerySet[Grant], at: str) -> Q:
    """Rows whose folder (found by `at`) a grant on a folder reaches. Asked from the row upwards, a dozen folders at
    most, since a person may be named by thousands of grants."""
    given = Exists(grants.filter(folder=OuterRef("source")))
    return Q(Exists(Reach.objects.filter(given, folder=OuterRef(at))))


def _on_folders(grants: QuerySet[Grant]) -> QuerySet:
    return grants.filter(folder__isnull=False).values("folder")


def cabinets_for(user: User | Reader, *, role: str = Role.VIEWER) -> QuerySet[Cabinet]:
    """Cabinets of which the person may see at least one folder with this role."""
    user = reader_of(user)
    live = Cabinet.objects.filter(deleted_at=None, personal=False)
    if not user.is_active:
        return live.none()
    live = live.filter(within_key(user))
    if user.is_superuser:
        return live
    return live.filter(pk__in=grants_of(user, role=role).values("cabinet"))


def visible_documents(
    user: User | Reader, *, role: str = Role.VIEWER, download: bool = False
) -> QuerySet[Document]:
    """Documents in folders with this role, within the clearance, without those being deleted."""
    return Document.objects.filter(document_gate(user, role=role, download=download))


def document_gate(
    user: User | Reader, *, role: str = Role.VIEWER, download: bool = False, prefix: str = ""
) -> Q:
    """The condition of visible_documents for rows that lead to a document by `prefix`. Joined rather than
    nested: each search asks it for fifty candidates, and must not enumerate all folders for that."""
    user = reader_of(user)
    if not user.is_active:
        return Q(pk__in=[])
    kept = ~Q(**{f"{prefix}status": Document.Status.DELETING}) & Q(**{f"{prefix}cabinet__deleted_at": None})
    kept &= within_key(user, f"{prefix}cabinet__")
    if user.is_superuser:
        return kept & _not_of_others(user, f"{prefix}cabinet__")
    grants = grants_of(user, role=role, download=download)
    reached = _by_cabinet(grants, f"{prefix}folder__") | _by_folder(grants, f"{prefix}folder")
    return kept & Q(**{f"{prefix}secrecy__lte": user.clearance}) & reached


def within_key(user: User | Reader, prefix: str = "") -> Q:
    """What the key of this request is restricted to, for rows that lead to a cabinet by `prefix`."""
    only = user.only_cabinets
    return Q() if only is None else Q(**{f"{prefix}pk__in": only})


def _not_of_others(reader: Reader, prefix: str) -> Q:
    return Q(**{f"{prefix}personal": False}) | Q(**{f"{prefix}created_by": reader.pk})


def personal_cabinets_for(user: User | Reader) -> QuerySet[Cabinet]:
    """What the person attached to conversations; cabinets_for never has these."""
    user = reader_of(user)
    if not user.is_active or user.viewed:
        return Cabinet.objects.none()
    return Cabinet.objects.filter(within_key(user), deleted_at=None, personal=True, created_by=user.pk)


def cabinet_for(user: User, cabinet_id: UUID, *, role: str = Role.VIEWER) -> Cabinet:
    return _one(cabinets_for(user), cabinets_for(user, role=role), cabinet_id)


def managed_cabinet_for(user: User, cabinet_id: UUID) -> Cabinet:
    """A cabinet that the person manages as a whole (a grant on the cabinet, not on a folder of it)."""
    cabinet = cabinet_for(user, cabinet_id)
    if role_in(user, root_of(cabinet)) != Role.MANAGER:
        raise Forbidden
    return cabinet


def managed_cabinets_for(user: User) -> QuerySet[Cabinet]:
    """Those that the person manages as a whole, as managed_cabinet_for says of one."""
    cabinets = cabinets_for(user)
    if not user.is_active or user.is_superuser:
        return cabinets
    whole = grants_of(user, role=Role.MANAGER).filter(folder=None)
    return cabinets.filter(pk__in=whole.values("cabinet"))


def folder_for(user: User, folder_id: UUID, *, role: str = Role.VIEWER) -> Folder:
    return _one(folders_for(user), folders_for(user, role=role), folder_id)


def document_for(
    user: User, document_id: UUID, *, role: str = Role.VIEWER, download: bool = False
) -> Document:
    related = ("cabinet", "folder", "created_by")
    seen = visible_documents(user).select_related(*related)
    allowed = visible_documents(user, role=role, download=download)
    refusal = _("You may read this document, but not download the original.") if download else ""
    return _one(seen, allowed.select_related(*related), document_id, refusal=refusal)


class Forbidden(Exception):
    """The object is visible, but the role does not reach. Answered as 403."""


def _one(seen: QuerySet, allowed: QuerySet, key: UUID, *, refusal: str = ""):
    """404 for what is absent or not the person's; Forbidden for what may be seen but not done."""
    found = allowed.filter(pk=key).first()
    if found is not None:
        return found
    if seen.filter(pk=key).exists():
        raise Forbidden(refusal)
    raise Http404


def root_of(cabinet: Cabinet) -> Folder:
    return cabinet.folders.get(parent=None)


def role_in(user: User, folder: Folder) -> str | None:
    """The strongest role in one folder."""
    return roles_in(user, [folder]).get(folder.pk)


def roles_in(user: User, folders: Iterable[Folder]) -> dict[UUID, str]:
    """The strongest role in each folder; a folder without one is absent."""
    folders = list(folders)
    if not user.is_active or not folders:
        return {}
    if user.is_superuser:
        return {folder.pk: Role.MANAGER.value for folder in folders}
    order = list(Role.values)
    on_cabinets, on_folders = _granted(user, folders)
    found: dict[UUID, str] = {}
    for folder in folders:
        roles = [*on_folders[folder.pk]]
        roles += [
            role for role in on_cabinets[folder.cabinet_id] if not folder.closed or role == Role.MANAGER
        ]
        if roles:
            found[folder.pk] = max(roles, key=order.index)
    return found


def _granted(user: User, folders: list[Folder]) -> tuple[dict[UUID, list[str]], dict[UUID, list[str]]]:
    """(roles by the cabinet they are granted on, roles by the folder that grants on folders reach)."""
    grants = grants_of(user)
    on_cabinets: dict[UUID, list[str]] = defaultdict(list)
    whole = grants.filter(folder=None, cabinet__in={folder.cabinet_id for folder in folders})
    for cabinet_id, role in whole.values_list("cabinet", "role"):
        on_cabinets[cabinet_id].append(role)
    on_folders: dict[UUID, list[str]] = defaultdict(list)
    reached = Reach.objects.filter(folder__in=folders, source__grants__in=grants)
    for folder_id, role in reached.values_list("folder", "source__grants__role"):
        on_folders[folder_id].append(role)
    return on_cabinets, on_folders


def cabinet_roles(user: User, cabinets: Iterable[Cabinet]) -> dict[UUID, str]:
    """The role to show for each cabinet: that in its root, else viewer (a folder of it is visible)."""
    cabinets = list(cabinets)
    roots = {folder.cabinet_id: folder for folder in Folder.objects.filter(cabinet__in=cabinets, parent=None)}
    roles = roles_in(user, roots.values())
    return {cabinet.pk: roles.get(roots[cabinet.pk].pk, Role.VIEWER.value) for cabinet in cabinets}
