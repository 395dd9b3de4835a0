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
)
from apps.cabinets.models import Cabinet, Folder, Role
from apps.cabinets.services import cabinets as services
from apps.cabinets.services import folders as folders_services
from apps.core.pagination import paginate
from apps.core.problems import invalid

router = Router(tags=["cabinets"])
READ, WRITE = ApiKey.Scope.DOCUMENTS_READ, ApiKey.Scope.DOCUMENTS_WRITE


def shown(user: User, cabinets: list[Cabinet]) -> list[dict]:
    roles = access.cabinet_roles(user, cabinets)
    fields = ("id", "name", "slug", "description", "created_at")
    return [
        {
            **{field: getattr(cabinet, field) for field in fields},
            "role": roles[cabinet.pk],
            "document_count": cabinet.document_count or 0,  # type: ignore[attr-defined]  # selectors count it
        }
        for cabinet in cabinets
    ]


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
    return Status(201, folders_services.folder_create(by=user, parent=parent, name=payload.name))


@router.patch("/folders/{uuid:folder_id}", response=FolderOut, summary="Rename, or move within the cabinet")
def folder_update(request: HttpRequest, folder_id: UUID, payload: FolderPatch):
    """Moving decides who may read, so it needs the role of a manager in the folder."""
    user = require_scope(request, WRITE)
    found = access.folder_for(user, folder_id, role=Role.CONTRIBUTOR)
    if payload.parent_id is not None:
        found = access.folder_for(user, folder_id, role=Role.MANAGER)
        parent = access.folder_for(user, payload.parent_id, role=Role.CONTRIBUTOR)
        found = folders_services.folder_move(found, by=user, parent=parent)
    if payload.name is not None:
        found = folders_services.folder_rename(found, by=user, name=payload.name)
    return found


@router.delete("/folders/{uuid:folder_id}", response={204: None})
def folder_delete(request: HttpRequest, folder_id: UUID):
    user = require_scope(request, WRITE)
    folders_services.folder_delete(access.folder_for(user, folder_id, role=Role.CONTRIBUTOR), by=user)
    return Status(204, None)


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
