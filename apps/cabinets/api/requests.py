"""REST: asking for access, and deciding."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.cabinets.api.schemas_rights import OwnRequestOut, RequestIn, RequestOut
from apps.cabinets.requesting import own_requests, request_for, requests_for, with_clearance
from apps.cabinets.services.requests import access_request, request_decide
from apps.core.pagination import paginate

router = Router(tags=["access"])
READ, WRITE = ApiKey.Scope.DOCUMENTS_READ, ApiKey.Scope.DOCUMENTS_WRITE


class OwnRequests(Schema):
    items: list[OwnRequestOut]
    next_cursor: str | None


class Requests(Schema):
    items: list[RequestOut]
    next_cursor: str | None


@router.post("/access-requests", response={202: OwnRequestOut}, summary="Ask the managers for access")
def request_make(request: HttpRequest, payload: RequestIn):
    """The answer is the same whether there is such a document, folder or cabinet or not."""
    user = require_scope(request, READ)
    return Status(
        202, access_request(by=user, target=payload.target, role=payload.role, reason=payload.reason)
    )


@router.get("/access-requests/mine", response=OwnRequests, summary="What I asked for")
def requests_mine(request: HttpRequest, limit: int = 50, cursor: str | None = None):
    user = require_scope(request, READ)
    items, following = paginate(own_requests(user), limit=limit, cursor=cursor, by="-created_at")
    return {"items": items, "next_cursor": following}


@router.get("/access-requests", response=Requests, summary="What waits for me to decide")
def requests_open(request: HttpRequest, limit: int = 50, cursor: str | None = None):
    user = require_scope(request, READ)
    items, following = paginate(requests_for(user), limit=limit, cursor=cursor, by="-created_at")
    return {"items": with_clearance(items), "next_cursor": following}


@router.post("/access-requests/{uuid:request_id}/approve", response=OwnRequestOut)
def request_approve(request: HttpRequest, request_id: UUID):
    """Grants the role by name, where the request says."""
    user = require_scope(request, WRITE)
    return request_decide(request_for(user, request_id), by=user, approve=True)


@router.post("/access-requests/{uuid:request_id}/refuse", response=OwnRequestOut)
def request_refuse(request: HttpRequest, request_id: UUID):
    user = require_scope(request, WRITE)
    return request_decide(request_for(user, request_id), by=user, approve=False)
