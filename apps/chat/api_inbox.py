"""REST: the inbox of a cabinet's managers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.chat import inbox, saving
from apps.chat.api_organising import SavedOut
from apps.core.pagination import paginate

router = Router(tags=["inbox"])
CHAT, WRITE = ApiKey.Scope.CHAT, ApiKey.Scope.DOCUMENTS_WRITE


class ReportOut(Schema):
    id: UUID
    kind: Literal["disliked", "unanswered"]
    question: str
    reason: str
    comment: str
    created_at: datetime
    done_at: datetime | None


class ReportList(Schema):
    items: list[ReportOut]
    next_cursor: str | None


class ReportPatch(Schema):
    done: bool


class AnswerIn(Schema):
    cabinet_id: UUID | None = None
    folder_id: UUID | None = None
    title: str = Field("", max_length=200)
    text: str = Field(..., max_length=saving.LONGEST_TEXT)


@router.get("/inbox", response=ReportList, summary="Disliked and unanswered questions of my cabinets")
def reports(request: HttpRequest, done: bool = False, limit: int = 50, cursor: str | None = None):
    rows = inbox.reports_for(require_scope(request, CHAT), done=done)
    items, following = paginate(rows, limit=limit, cursor=cursor, by="-created_at")
    return {"items": items, "next_cursor": following}


@router.patch("/inbox/{uuid:report_id}", response=ReportOut)
def report_update(request: HttpRequest, report_id: UUID, payload: ReportPatch):
    user = require_scope(request, CHAT)
    found = inbox.report_for(user, report_id)
    inbox.report_settle(found, by=user, done=payload.done)
    return found


@router.post("/inbox/{uuid:report_id}/answer", response={201: SavedOut}, summary="Answer it with a document")
def report_answer(request: HttpRequest, report_id: UUID, payload: AnswerIn):
    """A reviewed document with question and answer in a cabinet to which the caller may add."""
    user = require_scope(request, WRITE)
    found = inbox.report_for(user, report_id)
    folder = saving.target_folder(user, cabinet_id=payload.cabinet_id, folder_id=payload.folder_id)
    made = inbox.report_answer(found, by=user, folder=folder, title=payload.title, text=payload.text)
    return Status(201, made)
