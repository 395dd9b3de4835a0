"""REST: conversations, and what is done with their messages. Asking is in api_asking.py."""

from __future__ import annotations

from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.chat import assisting, attaching, choosing, organising, running, selectors, services
from apps.chat.feedback import message_rate
from apps.chat.organising import ListFilter
from apps.chat.schemas import (
    ConversationDetail,
    ConversationIn,
    ConversationList,
    ConversationOut,
    ConversationPatch,
    FeedbackIn,
    ListFilters,
)
from apps.core.pagination import paginate

router = Router(tags=["chat"])
CHAT = ApiKey.Scope.CHAT


@router.get("/conversations", response=ConversationList, summary="My conversations, newest first")
def conversations(
    request: HttpRequest, filters: Query[ListFilters], limit: int = 50, cursor: str | None = None
):
    """`q` looks into titles and messages, of the archive too; else what is not archived, or only that."""
    wanted = ListFilter(query=filters.q, folder_id=filters.folder_id, archived=filters.archived)
    rows = organising.listed(require_scope(request, CHAT), wanted).prefetch_related("cabinets")
    items, following = paginate(rows, limit=limit, cursor=cursor, by="-updated_at")
    return {"items": items, "next_cursor": following}


@router.post("/conversations", response={201: ConversationOut})
def conversation_create(request: HttpRequest, payload: ConversationIn):
    user = require_scope(request, CHAT)
    with transaction.atomic():
        made = services.conversation_create(user=user, title=payload.title, cabinet_ids=payload.cabinet_ids)
        if payload.scope is not None:
            choosing.conversation_choose(made, user=user, **payload.scope.dict())
        if payload.assistant_id is not None:
            assisting.conversation_assist(made, user=user, assistant_id=payload.assistant_id)
    return Status(201, made)


@router.get("/conversations/{uuid:conversation_id}", response=ConversationDetail)
def conversation(request: HttpRequest, conversation_id: UUID):
    user = require_scope(request, CHAT)
    found = selectors.conversation_for(user, conversation_id)
    shown = selectors.messages_of(found)
    selectors.messages_ready(user, found, shown)
    found.shown_messages = shown  # type: ignore[attr-defined]
    return found


@router.patch("/conversations/{uuid:conversation_id}", response=ConversationOut)
def conversation_update(request: HttpRequest, conversation_id: UUID, payload: ConversationPatch):
    user = require_scope(request, CHAT)
    found = selectors.conversation_for(user, conversation_id)
    with transaction.atomic():
        if payload.title is not None:
            services.conversation_rename(found, title=payload.title)
        if payload.cabinet_ids is not None:
            services.conversation_set_cabinets(found, user=user, cabinet_ids=payload.cabinet_ids)
        if payload.scope is not None:
            choosing.conversation_choose(found, user=user, **payload.scope.dict())
        if "assistant_id" in payload.model_fields_set:
            assisting.conversation_assist(found, user=user, assistant_id=payload.assistant_id)
        named = payload.dict(include={"pinned", "archived", "folder_id"}, exclude_unset=True)
        if named:
            organising.conversation_organise(found, **named)
        if payload.rewrites is not None:
            services.conversation_set_rewrites(found, rewrites=payload.rewrites)
    return found


@router.delete("/conversations/{uuid:conversation_id}", response={204: None})
def conversation_delete(request: HttpRequest, conversation_id: UUID):
    """Its attachments go too; each has a deletion job with a receipt."""
    user = require_scope(request, CHAT)
    attaching.conversation_delete(selectors.conversation_for(user, conversation_id), by=user)
    return Status(204, None)


@router.post("/messages/{uuid:message_id}/stop", response={202: None}, summary="Stop an answer")
async def message_stop(request: HttpRequest, message_id: UUID):
    user = require_scope(request, CHAT)
    await sync_to_async(selectors.message_for)(user, message_id)
    await running.stop(message_id)
    return Status(202, None)


@router.post("/messages/{uuid:message_id}/feedback", response={204: None}, summary="Rate an answer")
def message_feedback(request: HttpRequest, message_id: UUID, payload: FeedbackIn):
    message = selectors.message_for(require_scope(request, CHAT), message_id)
    message_rate(message, rating=payload.rating, reason=payload.reason, comment=payload.comment)
    return Status(204, None)
