"""The one gate: what a person may see and do. Web, REST, chat and previews all ask here.

A grant on a cabinet reaches all its folders, a grant on a folder its subtree; the strongest role
counts. Administrators hold every role, but in what is personal: the attachments of somebody's conversation
are theirs alone, and their cabinet is in no list. Nothing is cached: a revocation acts on the next request.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from apps.accounts.models import User
from apps.cabinets.models import Cabinet, Document, Folder, Grant, Role


def grants_of(user: User) -> QuerySet[Grant]:
    departments = user.departments.values("pk")
    return Grant.objects.filter(Q(everyone=True) | Q(user=user) | Q(department__in=departments))


def folders_for(user: User, *, role: str = Role.VIEWER) -> QuerySet[Folder]:
    """Folders in which the person holds at least this role."""
    live = Folder.objects.filter(cabinet__deleted_at=None)
    if not user.is_active:
        return live.none()
    live = live.filter(within_key(user, "cabinet__"))
    if user.is_superuser:
        return live.filter(_not_of_others(user, "cabinet__"))
    grants = grants_of(user).filter(role__in=Role.at_least(role))
    reach = Q(cabinet__in=grants.filter(folder=None).values("cabinet"))
    for tree in grants.exclude(folder=None).values_list("folder__tree", flat=True):
        reach |= Q(tree__startswith=tree)
    return live.filter(reach)


def cabinets_for(user: User, *, role: str = Role.VIEWER) -> QuerySet[Cabinet]:
    """Cabinets of which the person may see at least one folder with this role."""
    live = Cabinet.objects.filter(deleted_at=None, personal=False)
    if not user.is_active:
        return live.none()
    live = live.filter(within_key(user))
    if user.is_superuser:
        return live
    return live.filter(pk__in=grants_of(user).filter(role__in=Role.at_least(role)).values("cabinet"))


def visible_documents(user: User, *, role: str = Role.VIEWER) -> QuerySet[Document]:
    """Documents in folders with this role, without those being deleted."""
    return Document.objects.filter(document_gate(user, role=role))


def document_gate(user: User, *, role: str = Role.VIEWER, prefix: str = "") -> Q:
    """The condition of visible_documents for rows that lead to a document by `prefix`. Joined rather than
    nested: each search asks it, and building a nested query costs more than running it."""
    kept = ~Q(**{f"{prefix}status": Document.Status.DELETING})
    if user.is_superuser and user.is_active:
        live = Q(**{f"{prefix}cabinet__deleted_at": None}) & within_key(user, f"{prefix}cabinet__")
        return kept & live & _not_of_others(user, f"{prefix}cabinet__")
    return kept & Q(**{f"{prefix}folder__in": folders_for(user, role=role).values("pk")})


def within_key(user: User, prefix: str = "") -> Q:
    """What the key of this request is restricted to, for rows that lead to a cabinet by `prefix`."""
    only = user.only_cabinets
    return Q() if only is None else Q(**{f"{prefix}pk__in": only})


def _not_of_others(user: User, prefix: str) -> Q:
    return Q(**{f"{prefix}personal": False}) | Q(**{f"{prefix}created_by": user})


def personal_cabinets_for(user: User) -> QuerySet[Cabinet]:
    """What the person attached to conversations; cabinets_for never has these."""
    if not user.is_active:
        return Cabinet.objects.none()
    return Cabinet.objects.filter(within_key(user), deleted_at=None, personal=True, created_by=user)


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
    whole = grants_of(user).filter(Q(folder=None) | Q(folder__parent=None), role=Role.MANAGER)
    return cabinets.filter(pk__in=whole.values("cabinet"))


def folder_for(user: User, folder_id: UUID, *, role: str = Role.VIEWER) -> Folder:
    return _one(folders_for(user), folders_for(user, role=role), folder_id)


def document_for(user: User, document_id: UUID, *, role: str = Role.VIEWER) -> Document:
    related = ("cabinet", "folder", "created_by")
    seen = visible_documents(user).select_related(*related)
    return _one(seen, visible_documents(user, role=role).select_related(*related), document_id)


class Forbidden(Exception):
    """The object is visible, but the role does not reach. Answered as 403."""


def _one(seen: QuerySet, allowed: QuerySet, key: UUID):
    """404 for what is absent or not the person's; Forbidden for what may be seen but not done."""
    found = allowed.filter(pk=key).first()
    if found is not None:
        return found
    if seen.filter(pk=key).exists():
        raise Forbidden
    raise Http404


def root_of(cabinet: Cabinet) -> Folder:
    return cabinet.folders.get(parent=None)


def role_in(user: User, folder: Folder) -> str | None:
    """The strongest role in one folder."""
    return roles_in(user, [folder]).get(folder.pk)


def roles_in(user: User, folders: Iterable[Folder]) -> dict[UUID, str]:
    """The strongest role in each folder; a folder without one is absent."""
    if not user.is_active:
        return {}
    if user.is_superuser:
        return {folder.pk: Role.MANAGER.value for folder in folders}
    order = list(Role.values)
    grants = list(grants_of(user).select_related("folder"))
    found: dict[UUID, str] = {}
    for folder in folders:
        roles = [grant.role for grant in grants if _reaches(grant, folder)]
        if roles:
            found[folder.pk] = max(roles, key=order.index)
    return found


def _reaches(grant: Grant, folder: Folder) -> bool:
    if grant.folder is None:
        return grant.cabinet_id == folder.cabinet_id
    return folder.tree.startswith(grant.folder.tree)


def cabinet_roles(user: User, cabinets: Iterable[Cabinet]) -> dict[UUID, str]:
    """The role to show for each cabinet: that in its root, else viewer (a folder of it is visible)."""
    cabinets = list(cabinets)
    roots = {folder.cabinet_id: folder for folder in Folder.objects.filter(cabinet__in=cabinets, parent=None)}
    roles = roles_in(user, roots.values())
    return {cabinet.pk: roles.get(roots[cabinet.pk].pk, Role.VIEWER.value) for cabinet in cabinets}
