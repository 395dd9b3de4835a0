"""REST: who may do what in cabinets and folders, and folders that stand alone."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.cabinets import access, selectors
from apps.cabinets.api.schemas import FolderOut
from apps.cabinets.api.schemas_rights import GrantEntry, InheritanceIn
from apps.cabinets.models import Role
from apps.cabinets.services import grants as services
from apps.core.problems import Problem

router = Router(tags=["cabinets"])
READ, WRITE = ApiKey.Scope.DOCUMENTS_READ, ApiKey.Scope.DOCUMENTS_WRITE
MAX_GRANTS = 1000


@router.get("/cabinets/{uuid:cabinet_id}/grants", response=list[GrantEntry])
def cabinet_grants(request: HttpRequest, cabinet_id: UUID):
    user = require_scope(request, READ)
    found = access.managed_cabinet_for(user, cabinet_id)
    return selectors.grants_of_cabinet(found).filter(folder=None)[:MAX_GRANTS]


@router.put("/cabinets/{uuid:cabinet_id}/grants", response=list[GrantEntry])
def cabinet_grants_set(request: HttpRequest, cabinet_id: UUID, payload: list[GrantEntry]):
    user = require_scope(request, WRITE)
    found = access.managed_cabinet_for(user, cabinet_id)
    return services.grants_set(by=user, cabinet=found, entries=_entries(payload))


@router.get("/folders/{uuid:folder_id}/grants", response=list[GrantEntry])
def folder_grants(request: HttpRequest, folder_id: UUID):
    """Those of the folder itself; what it inherits is not among them."""
    user = require_scope(request, READ)
    found = access.folder_for(user, folder_id, role=Role.MANAGER)
    own = None if found.is_root else found
    return selectors.grants_of_cabinet(found.cabinet).filter(folder=own)[:MAX_GRANTS]


@router.put("/folders/{uuid:folder_id}/grants", response=list[GrantEntry])
def folder_grants_set(request: HttpRequest, folder_id: UUID, payload: list[GrantEntry]):
    user = require_scope(request, WRITE)
    found = access.folder_for(user, folder_id, role=Role.MANAGER)
    return services.grants_set(by=user, cabinet=found.cabinet, folder=found, entries=_entries(payload))


@router.put("/folders/{uuid:folder_id}/inheritance", response=FolderOut, summary="Break or mend it")
def folder_inheritance(request: HttpRequest, folder_id: UUID, payload: InheritanceIn):
    """A folder that does not inherit is reached by its own grants and by the managers of its cabinet. With `keep`
    what reached it until now becomes grants of its own."""
    user = require_scope(request, WRITE)
    found = access.folder_for(user, folder_id, role=Role.MANAGER)
    return services.folder_set_inherits(found, by=user, inherits=payload.inherits, keep=payload.keep)


def _entries(payload: list[GrantEntry]) -> list[services.Entry]:
    if len(payload) > MAX_GRANTS:
        raise Problem(413, _("At most %(most)d entries.") % {"most": MAX_GRANTS}, code="too_many")
    return [services.Entry(entry.subject, entry.role, entry.download) for entry in payload]
