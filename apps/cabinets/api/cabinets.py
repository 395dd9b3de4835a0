"""REST: cabinets, folders, grants."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey, User
from apps.cabinets import access, selectors
from apps.cabinets.api.schemas import (
    CabinetIn,
    CabinetList,
    CabinetOut,
    CabinetPatch,
    FolderIn,
    FolderList,
    FolderOut,
    FolderPatch,
    GrantEntry,
)
from apps.cabinets.models import Cabinet, Folder, Role
from apps.cabinets.services import cabinets as services
from apps.core.pagination import paginate
from apps.core.problems import Problem, invalid

router = Router(tags=["cabinets"])
READ, WRITE = ApiKey.Scope.DOCUMENTS_READ, ApiKey.Scope.DOCUMENTS_WRITE
MAX_GRANTS = 1000


def shown(user: User, cabinets: list[Cabinet]) -> list[dict]:
    roles = access.cabinet_roles(user, cabinets)
    fields = ("id", "name", "slug", "description", "created_at")
    return [
        {**{field: getattr(cabinet, field) for field in fields}, "role": roles[cabinet.pk], "document_count": cabinet.document_count or 0}
        for cabinet in cabinets
    ]  # fmt: skip


def _one(user: User, cabinet_id: UUID) -> dict:
    return shown(user, [selectors.cabinets_with_counts(user).get(pk=cabinet_id)])[0]


@router.get("/cabinets", response=CabinetList, summary="Cabinets that I may see")
def cabinets(request: HttpRequest, limit: int = 50, cursor: str | None = None, q: str = ""):
    user = require_scope(request, READ, ApiKey.Scope.SEARCH, ApiKey.Scope.CHAT)
    rows = selectors.cabinets_with_counts(user).filter(name__icontains=q.strip()[:100])
    items, following = paginate(rows, limit=limit, cursor=cursor, by="name")
    return {"items": shown(user, items), "next_cursor": following}


@router.post("/cabinets", response={201: CabinetOut}, summary="Make a cabinet")
def cabinet_create(request: HttpRequest, payload: CabinetIn):
    user = require_scope(request, WRITE)
    cabinet = services.cabinet_create(by=user, name=payload.name, description=payload.description)
    return Status(201, _one(user, cabinet.pk))


@router.get("/cabinets/{uuid:cabinet_id}", response=CabinetOut)
def cabinet(request: HttpRequest, cabinet_id: UUID):
    user = require_scope(request, READ)
    access.cabinet_for(user, cabinet_id)
    return _one(user, cabinet_id)


@router.patch("/cabinets/{uuid:cabinet_id}", response=CabinetOut)
def cabinet_update(request: HttpRequest, cabinet_id: UUID, payload: CabinetPatch):
    user = require_scope(request, WRITE)
    found = access.managed_cabinet_for(user, cabinet_id)
    services.cabinet_update(found, by=user, name=payload.name, description=payload.description)
    return _one(user, cabinet_id)


@router.delete("/cabinets/{uuid:cabinet_id}", response={204: None})
def cabinet_delete(request: HttpRequest, cabinet_id: UUID):
    user = require_scope(request, WRITE)
    services.cabinet_delete(access.managed_cabinet_for(user, cabinet_id), by=user)
    return Status(204, None)


@router.get("/cabinets/{uuid:cabinet_id}/folders", response=FolderList)
def folders(request: HttpRequest, cabinet_id: UUID):
    user = require_scope(request, READ)
    return {"items": selectors.folder_tree(user, access.cabinet_for(user, cabinet_id))}


@router.post("/cabinets/{uuid:cabinet_id}/folders", response={201: FolderOut})
def folder_create(request: HttpRequest, cabinet_id: UUID, payload: FolderIn):
    user = require_scope(request, WRITE)
    parent = target_folder(user, cabinet_id=cabinet_id, folder_id=payload.parent_id)
    return Status(201, services.folder_create(by=user, parent=parent, name=payload.name))


@router.patch("/folders/{uuid:folder_id}", response=FolderOut)
def folder_rename(request: HttpRequest, folder_id: UUID, payload: FolderPatch):
    user = require_scope(request, WRITE)
    found = access.folder_for(user, folder_id, role=Role.CONTRIBUTOR)
    return services.folder_rename(found, by=user, name=payload.name)


@router.delete("/folders/{uuid:folder_id}", response={204: None})
def folder_delete(request: HttpRequest, folder_id: UUID):
    user = require_scope(request, WRITE)
    services.folder_delete(access.folder_for(user, folder_id, role=Role.CONTRIBUTOR), by=user)
    return Status(204, None)


@router.get("/cabinets/{uuid:cabinet_id}/grants", response=list[GrantEntry])
def cabinet_grants(request: HttpRequest, cabinet_id: UUID):
    user = require_scope(request, READ)
    found = access.managed_cabinet_for(user, cabinet_id)
    return selectors.grants_of_cabinet(found).filter(folder=None)[:MAX_GRANTS]


@router.put("/cabinets/{uuid:cabinet_id}/grants", response=list[GrantEntry])
def cabinet_grants_set(request: HttpRequest, cabinet_id: UUID, payload: list[GrantEntry]):
    user = require_scope(request, WRITE)
    found = access.managed_cabinet_for(user, cabinet_id)
    return services.grants_set(by=user, cabinet=found, entries=_pairs(payload))


@router.get("/folders/{uuid:folder_id}/grants", response=list[GrantEntry])
def folder_grants(request: HttpRequest, folder_id: UUID):
    user = require_scope(request, READ)
    found = access.folder_for(user, folder_id, role=Role.MANAGER)
    return selectors.grants_of_cabinet(found.cabinet).filter(folder=found)[:MAX_GRANTS]


@router.put("/folders/{uuid:folder_id}/grants", response=list[GrantEntry])
def folder_grants_set(request: HttpRequest, folder_id: UUID, payload: list[GrantEntry]):
    user = require_scope(request, WRITE)
    found = access.folder_for(user, folder_id, role=Role.MANAGER)
    return services.grants_set(by=user, cabinet=found.cabinet, folder=found, entries=_pairs(payload))


def _pairs(payload: list[GrantEntry]) -> list[tuple[str, str]]:
    if len(payload) > MAX_GRANTS:
        raise Problem(413, _("At most %(most)d entries.") % {"most": MAX_GRANTS}, code="too_many")
    return [(entry.subject, entry.role) for entry in payload]


def target_folder(user: User, *, cabinet_id: UUID | None, folder_id: UUID | None) -> Folder:
    """The folder to put things into: the one named, else the top of the cabinet."""
    if folder_id is not None:
        folder = access.folder_for(user, folder_id, role=Role.CONTRIBUTOR)
        if cabinet_id is not None and folder.cabinet_id != cabinet_id:
            raise access.Forbidden
        return folder
    if cabinet_id is None:
        raise invalid("cabinet_id", _("cabinet_id or folder_id is needed."))
    root = access.root_of(access.cabinet_for(user, cabinet_id))
    return access.folder_for(user, root.pk, role=Role.CONTRIBUTOR)
