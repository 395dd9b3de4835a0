"""REST: what the composer needs: attached files, places for the scope by their names, questions to go on with."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja import File, Router, Schema, Status, UploadedFile

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey, User
from apps.cabinets.models import Document
from apps.chat import attaching, choosing, selectors
from apps.chat.followups import followups as suggest
from apps.chat.models import Message
from apps.core.api import JobAnswer
from apps.core.database import release_connection

router = Router(tags=["chat"])
CHAT = ApiKey.Scope.CHAT


class AttachmentOut(Schema):
    id: UUID
    title: str
    filename: str
    size: int
    status: Literal["queued", "processing", "ready", "failed", "deleting"]
    searchable: bool
    error: str

    @staticmethod
    def resolve_searchable(document: Document) -> bool:
        return document.is_searchable

    @staticmethod
    def resolve_error(document: Document) -> str:
        from apps.cabinets.messages import sentence

        return sentence(document.error_code) if document.status == Document.Status.FAILED else ""


class AttachmentList(Schema):
    items: list[AttachmentOut]
    next_cursor: None = None


class FollowupsOut(Schema):
    items: list[str]


class Place(Schema):
    id: UUID
    name: str
    where: str = ""


class PlacesOut(Schema):
    cabinets: list[Place]
    folders: list[Place]
    documents: list[Place]


@router.get("/conversations/{uuid:conversation_id}/attachments", response=AttachmentList)
def attachments(request: HttpRequest, conversation_id: UUID):
    user = require_scope(request, CHAT)
    conversation = selectors.conversation_for(user, conversation_id)
    return {"items": list(attaching.attachments_of(user, conversation)[: attaching.MOST])}


@router.post(
    "/conversations/{uuid:conversation_id}/attachments",
    response={202: AttachmentOut},
    summary="Attach a file to a conversation",
)
def attachment_add(request: HttpRequest, conversation_id: UUID, file: File[UploadedFile]):
    """Only this conversation searches it, only its owner reads it, and it goes with the conversation."""
    user = require_scope(request, CHAT)
    conversation = selectors.conversation_for(user, conversation_id)
    return Status(202, attaching.attachment_add(conversation, user=user, upload=file))


@router.delete(
    "/conversations/{uuid:conversation_id}/attachments/{uuid:document_id}", response={202: JobAnswer}
)
def attachment_remove(request: HttpRequest, conversation_id: UUID, document_id: UUID):
    user = require_scope(request, CHAT)
    conversation = selectors.conversation_for(user, conversation_id)
    return Status(202, {"job": attaching.attachment_remove(conversation, user=user, document_id=document_id)})


@router.post(
    "/messages/{uuid:message_id}/followups", response=FollowupsOut, summary="Questions to go on with"
)
async def followups(request: HttpRequest, message_id: UUID):
    """Asked for after an answer, never part of it; none where nothing fits."""
    user = require_scope(request, CHAT)
    message = await sync_to_async(_complete_answer)(user, message_id)
    return {"items": await suggest(user, message) if message else []}


def _complete_answer(user: User, message_id: UUID) -> Message | None:
    try:
        found = selectors.message_for(user, message_id)
        found.parent  # noqa: B018 - read now, in this thread
    finally:
        release_connection()
    whole = found.role == Message.Role.ASSISTANT and found.status == Message.Status.COMPLETE
    return found if whole else None


@router.get("/places", response=PlacesOut, summary="Cabinets, folders and documents by name")
def places(request: HttpRequest, q: str = ""):
    """For choosing what a conversation searches: some of each, of what the caller may read."""
    return places_out(choosing.find_places(require_scope(request, CHAT), q))


def places_out(found: choosing.Places) -> dict:
    return {
        "cabinets": [{"id": row.pk, "name": row.name} for row in found.cabinets],
        "folders": [{"id": row.pk, "name": row.path, "where": row.cabinet.name} for row in found.folders],
        "documents": [
            {"id": row.pk, "name": row.title, "where": row.cabinet.name} for row in found.documents
        ],
    }
