"""REST: webhooks and the log of what they were told."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.core.pagination import paginate
from apps.office.hints import delivery_hint
from apps.office.webhooks.services import (
    webhook_create,
    webhook_delete,
    webhook_for,
    webhook_ping,
    webhook_update,
    webhooks_for,
)

router = Router(tags=["webhooks"])
OFFICE = ApiKey.Scope.OFFICE


class WebhookIn(Schema):
    """`events`: document.ready, document.failed, job.finished, notice.changed, form.changed."""

    url: str = Field(..., max_length=2000)
    events: list[str] = Field(..., max_length=20)


class WebhookPatch(Schema):
    enabled: bool | None = None
    events: list[str] | None = Field(None, max_length=20)


class WebhookOut(Schema):
    id: UUID
    url: str
    events: list[str]
    enabled: bool
    failures: int
    created_at: datetime


class WebhookMade(WebhookOut):
    """`secret` is shown this once."""

    secret: str


class WebhookList(Schema):
    items: list[WebhookOut]
    next_cursor: str | None


class DeliveryOut(Schema):
    id: UUID
    event: str
    state: str
    attempts: int
    next_at: datetime
    log: list[dict[str, Any]]
    payload: dict[str, Any]
    created_at: datetime


class DeliveryList(Schema):
    items: list[DeliveryOut]
    next_cursor: str | None


@router.get("/webhooks", response=WebhookList, summary="Your webhooks")
def webhooks(request: HttpRequest, limit: int = 50, cursor: str | None = None):
    user = require_scope(request, OFFICE)
    items, following = paginate(webhooks_for(user), limit=limit, cursor=cursor, by="-created_at")
    return {"items": items, "next_cursor": following}


@router.post("/webhooks", response={201: WebhookMade}, summary="Be told of what happens")
def webhook_new(request: HttpRequest, payload: WebhookIn):
    """The secret that signs the calls is in this answer alone. The host must be in WEBHOOK_ALLOWED_HOSTS."""
    user = require_scope(request, OFFICE)
    made, secret = webhook_create(by=user, url=payload.url, events=payload.events)
    told = {
        name: getattr(made, name) for name in ("id", "url", "events", "enabled", "failures", "created_at")
    }
    return Status(201, {**told, "secret": secret})


@router.patch(
    "/webhooks/{uuid:webhook_id}", response=WebhookOut, summary="Switch it on or off, choose its events"
)
def webhook_patch(request: HttpRequest, webhook_id: UUID, payload: WebhookPatch):
    user = require_scope(request, OFFICE)
    return webhook_update(
        webhook_for(user, webhook_id), by=user, enabled=payload.enabled, events=payload.events
    )


@router.delete("/webhooks/{uuid:webhook_id}", response={204: None}, summary="Delete it with its log")
def webhook_remove(request: HttpRequest, webhook_id: UUID):
    user = require_scope(request, OFFICE)
    webhook_delete(webhook_for(user, webhook_id), by=user)
    return Status(204, None)


@router.post("/webhooks/{uuid:webhook_id}/ping", response={202: DeliveryOut}, summary="Send a call to try it")
def webhook_try(request: HttpRequest, webhook_id: UUID):
    made = webhook_ping(webhook_for(require_scope(request, OFFICE), webhook_id))
    delivery_hint(made.pk)
    return Status(202, made)


@router.get("/webhooks/{uuid:webhook_id}/deliveries", response=DeliveryList, summary="What it was told")
def deliveries(request: HttpRequest, webhook_id: UUID, limit: int = 50, cursor: str | None = None):
    """Each with its attempts: when, with which status or fault, in how many milliseconds. Kept for 30 days."""
    row = webhook_for(require_scope(request, OFFICE), webhook_id)
    items, following = paginate(row.deliveries.all(), limit=limit, cursor=cursor, by="-created_at")
    return {"items": items, "next_cursor": following}
