"""REST: who can see a document and why, and what was done with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.cabinets import access
from apps.cabinets.api.schemas_rights import RoleName
from apps.cabinets.explaining import explained, readers_of, rule_of
from apps.cabinets.models import Role
from apps.cabinets.opening import activity_of, may_see_activity
from apps.core.pagination import paginate

router = Router(tags=["documents"])
READ = ApiKey.Scope.DOCUMENTS_READ


class ReasonOut(Schema):
    subject: str
    role: RoleName
    download: bool
    place: str = Field(description="The path of the folder; empty for the whole cabinet.")


class ReaderOut(Schema):
    username: str = Field(alias="user.username")
    display_name: str = Field(alias="user.display_name")
    role: RoleName
    download: bool
    administrator: bool
    reasons: list[ReasonOut]


class AccessOut(Schema):
    level: str
    closed_at: str | None = Field(description="The folder that stands alone and holds the document.")
    grants: list[ReasonOut]
    items: list[ReaderOut]
    next_cursor: str | None


class ActivityOut(Schema):
    at: datetime
    actor: str = Field(alias="actor_name")
    action: str


class ActivityList(Schema):
    items: list[ActivityOut]
    next_cursor: str | None


@router.get("/documents/{uuid:document_id}/access", response=AccessOut, summary="Who can see it, and why")
def document_access(
    request: HttpRequest, document_id: UUID, limit: int = 50, cursor: str | None = None, q: str = ""
):
    """For managers of the folder."""
    found = access.document_for(require_scope(request, READ), document_id, role=Role.MANAGER)
    people = readers_of(found, query=q).prefetch_related("departments", "teams")
    shown, following = paginate(people, limit=limit, cursor=cursor, by="username")
    rule = rule_of(found)
    return {
        "level": rule.level,
        "closed_at": rule.closed_at,
        "grants": rule.grants,
        "items": explained(shown, found),
        "next_cursor": following,
    }


@router.get(
    "/documents/{uuid:document_id}/activity", response=ActivityList, summary="Who opened or changed it"
)
def document_activity(request: HttpRequest, document_id: UUID, limit: int = 50, cursor: str | None = None):
    """For whoever brought the document in, and for managers."""
    user = require_scope(request, READ)
    found = access.document_for(user, document_id)
    if not may_see_activity(user, found):
        raise access.Forbidden
    shown, following = paginate(activity_of(found), limit=limit, cursor=cursor, by="-at")
    return {"items": shown, "next_cursor": following}
