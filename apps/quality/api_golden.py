"""REST: golden questions of a cabinet, for its managers."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Router, Status, UploadedFile

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.cabinets import access
from apps.core.pagination import paginate
from apps.core.problems import Problem
from apps.quality import selectors, services
from apps.quality.exchange import LARGEST, questions_export, questions_import
from apps.quality.samples import samples_load
from apps.quality.schemas import ImportOut, QuestionIn, QuestionList, QuestionNew, QuestionOut

router = Router(tags=["quality"])
READ, WRITE = ApiKey.Scope.DOCUMENTS_READ, ApiKey.Scope.DOCUMENTS_WRITE
BASE = "/cabinets/{uuid:cabinet_id}/golden-questions"


@router.get(BASE, response=QuestionList, summary="Golden questions, newest first")
def questions(
    request: HttpRequest, cabinet_id: UUID, limit: int = 50, cursor: str | None = None, q: str = ""
):
    user = require_scope(request, READ)
    cabinet = access.managed_cabinet_for(user, cabinet_id)
    rows = selectors.questions_for(user, cabinet, query=q)
    items, following = paginate(rows, limit=limit, cursor=cursor, by="-created_at")
    return {"items": items, "next_cursor": following}


@router.post(BASE, response={201: QuestionOut}, summary="Add a golden question")
def question_create(request: HttpRequest, cabinet_id: UUID, payload: QuestionNew):
    user = require_scope(request, WRITE)
    cabinet = access.managed_cabinet_for(user, cabinet_id)
    made = services.question_create(
        by=user, cabinet=cabinet, wanted=payload.expectation(), origin=payload.origin
    )
    return Status(201, made)


@router.post(f"{BASE}/import", response=ImportOut, summary="Import a CSV or JSON file")
def question_import(request: HttpRequest, cabinet_id: UUID, file: File[UploadedFile]):
    """Each row by itself: a question that is there already is updated, one that makes no sense is listed."""
    user = require_scope(request, WRITE)
    cabinet = access.managed_cabinet_for(user, cabinet_id)
    if (file.size or 0) > LARGEST:
        raise Problem(
            413, _("The file is larger than %(most)d MB.") % {"most": LARGEST // 2**20}, code="too_large"
        )
    return questions_import(by=user, cabinet=cabinet, filename=file.name or "", data=file.read())


@router.get(f"{BASE}/export", summary="All golden questions as a file")
def question_export(request: HttpRequest, cabinet_id: UUID, format: Literal["csv", "json"] = "json"):
    user = require_scope(request, READ)
    cabinet = access.managed_cabinet_for(user, cabinet_id)
    rows = selectors.questions_for(user, cabinet).order_by("created_at", "id")[: services.MOST_QUESTIONS]
    body = questions_export(rows, as_csv=format == "csv")
    kind = "text/csv; charset=utf-8" if format == "csv" else "application/json"
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="golden-questions.{format}"'
    return response


@router.post(f"{BASE}/samples", response=ImportOut, summary="The questions that come with the demo cabinet")
def question_samples(request: HttpRequest, cabinet_id: UUID):
    user = require_scope(request, WRITE)
    return samples_load(by=user, cabinet=access.managed_cabinet_for(user, cabinet_id))


@router.get("/golden-questions/{uuid:question_id}", response=QuestionOut)
def question(request: HttpRequest, question_id: UUID):
    return selectors.question_for(require_scope(request, READ), question_id)


@router.put("/golden-questions/{uuid:question_id}", response=QuestionOut, summary="Replace a golden question")
def question_update(request: HttpRequest, question_id: UUID, payload: QuestionIn):
    user = require_scope(request, WRITE)
    found = selectors.question_for(user, question_id)
    return services.question_update(found, by=user, wanted=payload.expectation())


@router.delete("/golden-questions/{uuid:question_id}", response={204: None})
def question_delete(request: HttpRequest, question_id: UUID):
    user = require_scope(request, WRITE)
    services.question_delete(selectors.question_for(user, question_id), by=user)
    return Status(204, None)
