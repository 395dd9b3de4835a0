"""REST: folders of conversations, shared links, exports, answers kept as documents."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Field, Router, Schema, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.chat import exporting, organising, saving, selectors, sharing
from apps.chat.models import Share

router = Router(tags=["chat"])
CHAT, WRITE = ApiKey.Scope.CHAT, ApiKey.Scope.DOCUMENTS_WRITE
TYPES = {
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class FolderIn(Schema):
    name: str = Field(..., max_length=200)


class FolderOut(Schema):
    id: UUID
    name: str
    conversation_count: int = 0


class FolderList(Schema):
    items: list[FolderOut]
    next_cursor: None = None


class ShareOut(Schema):
    url: str
    through: datetime
    created_at: datetime

    @staticmethod
    def resolve_url(share: Share) -> str:
        return reverse("shared", args=[share.token])


class SaveIn(Schema):
    cabinet_id: UUID | None = None
    folder_id: UUID | None = None
    title: str = Field("", max_length=200)
    text: str = Field("", max_length=saving.LONGEST_TEXT)


class SavedOut(Schema):
    id: UUID
    title: str
    filename: str
    cabinet_id: UUID
    folder_id: UUID


@router.get("/conversation-folders", response=FolderList, summary="My folders of conversations")
def folders(request: HttpRequest):
    return {"items": list(organising.folders_for(require_scope(request, CHAT)))}


@router.post("/conversation-folders", response={201: FolderOut})
def folder_create(request: HttpRequest, payload: FolderIn):
    user = require_scope(request, CHAT)
    return Status(201, organising.folder_create(user=user, name=payload.name))


@router.patch("/conversation-folders/{uuid:folder_id}", response=FolderOut)
def folder_rename(request: HttpRequest, folder_id: UUID, payload: FolderIn):
    folder = organising.folder_for(require_scope(request, CHAT), folder_id)
    return organising.folder_rename(folder, name=payload.name)


@router.delete("/conversation-folders/{uuid:folder_id}", response={204: None})
def folder_delete(request: HttpRequest, folder_id: UUID):
    """The conversations in it stay."""
    organising.folder_delete(organising.folder_for(require_scope(request, CHAT), folder_id))
    return Status(204, None)


@router.get("/conversations/{uuid:conversation_id}/share", response={200: ShareOut, 204: None})
def share(request: HttpRequest, conversation_id: UUID):
    """The link that is open; 204 when there is none."""
    conversation = selectors.conversation_for(require_scope(request, CHAT), conversation_id)
    found = sharing.share_of(conversation)
    return Status(200, found) if found else Status(204, None)


@router.post("/conversations/{uuid:conversation_id}/share", response=ShareOut, summary="Share by a link")
def share_create(request: HttpRequest, conversation_id: UUID):
    """People of the organisation who have the link read the conversation as it is now, each only what
    rests on documents that they may read themselves. Called again it includes what came since."""
    user = require_scope(request, CHAT)
    return sharing.share_create(selectors.conversation_for(user, conversation_id), by=user)


@router.delete("/conversations/{uuid:conversation_id}/share", response={204: None})
def share_revoke(request: HttpRequest, conversation_id: UUID):
    user = require_scope(request, CHAT)
    sharing.share_revoke(selectors.conversation_for(user, conversation_id), by=user)
    return Status(204, None)


@router.get("/conversations/{uuid:conversation_id}/export", summary="The conversation as a file")
def export(request: HttpRequest, conversation_id: UUID, format: Literal["md", "txt", "docx"] = "md"):
    from apps.chat.word import word_file

    user = require_scope(request, CHAT)
    paper = exporting.paper_of(user, selectors.conversation_for(user, conversation_id))
    writers = {"md": exporting.markdown, "txt": exporting.plain_text, "docx": word_file}
    answer = HttpResponse(writers[format](paper), content_type=TYPES[format])
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(paper.filename)}.{format}"
    return answer


@router.post(
    "/messages/{uuid:message_id}/save", response={201: SavedOut}, summary="Keep an answer as a document"
)
def message_save(request: HttpRequest, message_id: UUID, payload: SaveIn):
    """A reviewed document in a cabinet to which the caller may add; `text` is the answer as corrected."""
    user = require_scope(request, WRITE)
    message = selectors.message_for(user, message_id)
    folder = saving.target_folder(user, cabinet_id=payload.cabinet_id, folder_id=payload.folder_id)
    return Status(
        201, saving.answer_save(message, by=user, folder=folder, title=payload.title, text=payload.text)
    )
