"""REST: notices drafted from facts, changed, and taken out as Word or PDF."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from urllib.parse import quote
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey, User
from apps.core.api import JobAnswer, json_answer
from apps.core.pagination import paginate
from apps.core.sse import event_stream, frame
from apps.office.acting import acting
from apps.office.hints import notice_hint
from apps.office.layout.pdf import pdf_file
from apps.office.layout.word import word_file
from apps.office.notices.draft import draft_from
from apps.office.notices.fields import FIELDS
from apps.office.notices.jobs import job_start
from apps.office.notices.kinds import KINDS
from apps.office.notices.models import Notice
from apps.office.notices.schemas import KindsOut, NoticeIn, NoticeList, NoticeOut, NoticePatch, notice_out
from apps.office.notices.selectors import notice_for, notices_for
from apps.office.notices.services import notice_edit
from apps.office.notices.writing import Event, notice_begin, notice_events, notice_written

router = Router(tags=["office"])
OFFICE = ApiKey.Scope.OFFICE
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.get(
    "/notice-kinds", response=KindsOut, summary="The fifteen kinds of documents, and the facts they know"
)
def notice_kinds(request: HttpRequest):
    require_scope(request, OFFICE)
    kinds = [{**asdict(kind), "purpose": str(kind.purpose)} for kind in KINDS.values()]
    facts = [{**asdict(one), "label": str(one.label), "question": str(one.question)} for one in FIELDS]
    return {"kinds": kinds, "facts": facts}


@router.get("/notices", response=NoticeList, summary="Your notices, the newest first")
def notices(request: HttpRequest, limit: int = 50, cursor: str | None = None):
    user = require_scope(request, OFFICE)
    items, following = paginate(notices_for(user), limit=limit, cursor=cursor, by="-updated_at")
    return {"items": items, "next_cursor": following}


@router.post("/notices", response={200: NoticeOut, 202: JobAnswer}, summary="Draft a notice from facts")
async def notice_create(request: HttpRequest, payload: NoticeIn):
    """With `stream` an event stream: start, draft (by the template, at once), paragraph … (of the model), done
    with the notice. With `background` 202 and a job, whose result names the notice."""
    user = await sync_to_async(acting)(request, payload.on_behalf_of, OFFICE)
    if payload.background:
        job = await sync_to_async(job_start)(
            by=user, request=payload.request(), writer=payload.writer, model=payload.model
        )
        await sync_to_async(notice_hint)(job.pk)
        return Status(202, {"job": job})
    return await _written(user, payload)


@router.put("/notices/{uuid:notice_id}", response=NoticeOut, summary="Draft it anew from other facts")
async def notice_again(request: HttpRequest, notice_id: UUID, payload: NoticeIn):
    """As POST; the text before, with what was changed by hand, is replaced. `background` is not taken here."""
    user = await sync_to_async(acting)(request, payload.on_behalf_of, OFFICE)
    row = await sync_to_async(notice_for)(user, notice_id)
    return await _written(user, payload, notice=row)


@router.get("/notices/{uuid:notice_id}", response=NoticeOut, summary="One notice")
def notice(request: HttpRequest, notice_id: UUID):
    return json_answer(notice_out(notice_for(require_scope(request, OFFICE), notice_id)))


@router.patch("/notices/{uuid:notice_id}", response=NoticeOut, summary="Change its title or text by hand")
def notice_patch(request: HttpRequest, notice_id: UUID, payload: NoticePatch):
    row = notice_for(require_scope(request, OFFICE), notice_id)
    paragraphs = [one.dict() for one in payload.paragraphs] if payload.paragraphs is not None else None
    return json_answer(notice_out(notice_edit(row, title=payload.title, paragraphs=paragraphs)))


@router.delete("/notices/{uuid:notice_id}", response={204: None}, summary="Delete it")
def notice_delete(request: HttpRequest, notice_id: UUID):
    notice_for(require_scope(request, OFFICE), notice_id).delete()
    return Status(204, None)


@router.get("/notices/{uuid:notice_id}.docx", summary="As a Word file in the official layout")
def notice_word(request: HttpRequest, notice_id: UUID, sealed: bool = False, red_head: bool = True):
    """`sealed` leaves room for a seal; without `red_head` it begins with the title."""
    row = notice_for(require_scope(request, OFFICE), notice_id)
    return _file(row, word_file(draft_from(row.content), sealed=sealed, red_head=red_head), "docx", WORD)


@router.get("/notices/{uuid:notice_id}.pdf", summary="As PDF, where LibreOffice is installed")
def notice_pdf(request: HttpRequest, notice_id: UUID, sealed: bool = False, red_head: bool = True):
    row = notice_for(require_scope(request, OFFICE), notice_id)
    word = word_file(draft_from(row.content), sealed=sealed, red_head=red_head)
    return _file(row, pdf_file(word), "pdf", "application/pdf")


def _file(row: Notice, content: bytes, ending: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(row.title[:80])}.{ending}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


async def _written(user: User, payload: NoticeIn, *, notice: Notice | None = None) -> HttpResponse:
    begun = await notice_begin(
        user, payload.request(), writer=payload.writer, model=payload.model, notice=notice
    )
    if payload.stream:
        return event_stream(_frames(notice_events(begun)))  # type: ignore[return-value]
    return json_answer(await sync_to_async(notice_out)(await notice_written(begun)))


async def _frames(events: AsyncIterator[Event | Notice]) -> AsyncIterator[bytes]:
    async for event in events:
        yield await _framed(event)


async def _framed(event: Event | Notice) -> bytes:
    if isinstance(event, Notice):
        return frame("done", await sync_to_async(notice_out)(event))
    return frame(*event)
