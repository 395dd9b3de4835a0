"""Shapes of the notices interface."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from apps.office.notices.check import check
from apps.office.notices.draft import draft_from
from apps.office.notices.kinds import KINDS
from apps.office.notices.models import Notice
from apps.office.notices.reader import reader_test
from apps.office.training.serving import corrector
from apps.office.words import lexicon_for


class AttachmentIn(Schema):
    title: str = Field(..., max_length=200)
    text: str = Field("", max_length=20_000)


class NoticeIn(Schema):
    """`kind` one of the fifteen, "" lets the table choose; `facts` by name, Chinese or English, a text or a list of points.
    `writer`: auto asks the chat model where there is one, template never does. `stream` answers with events,
    `background` with a job."""

    kind: str = Field("", max_length=20)
    issuer: str = Field("", max_length=200)
    addressees: list[str] | str = Field("", max_length=2000)
    subject: str = Field(..., max_length=1000)
    facts: dict[str, Any] = Field(default_factory=dict)
    date: str = Field("", max_length=40)
    document_number: str = Field("", max_length=60)
    direction: Literal["", "up", "down", "level", "public"] = ""
    attachments: list[AttachmentIn] = Field(default_factory=list, max_length=20)
    cabinet_ids: list[UUID] | None = Field(None, max_length=1000)
    writer: Literal["auto", "template", "model"] = "auto"
    model: str = Field("", max_length=200)
    stream: bool = False
    background: bool = False
    on_behalf_of: str | None = Field(None, max_length=150)

    def request(self) -> dict[str, Any]:
        """What is kept of it."""
        kept = self.dict(exclude={"writer", "model", "stream", "background", "on_behalf_of"})
        kept["cabinet_ids"] = [str(key) for key in self.cabinet_ids] if self.cabinet_ids else None
        return kept


class ParagraphIn(Schema):
    text: str = Field(..., max_length=10_000)
    level: int = Field(0, ge=0, le=4)
    role: Literal["opening", "head", "body", "item", "closing"] = "body"


class NoticePatch(Schema):
    title: str | None = Field(None, max_length=400)
    paragraphs: list[ParagraphIn] | None = Field(None, max_length=300)


class NoticeRow(Schema):
    id: UUID
    kind: str
    title: str
    written_by: str
    created_at: datetime
    updated_at: datetime


class NoticeList(Schema):
    items: list[NoticeRow]
    next_cursor: str | None


class NoticeOut(NoticeRow):
    """Each paragraph and field names its sources; `gaps` are questions to ask, with what earlier documents said there.
    `reader` is the reader test, `findings` what proofreading says, `precedents` the earlier documents used."""

    kind_choice: dict[str, Any]
    title_lines: list[str]
    paragraphs: list[dict[str, Any]]
    fields: dict[str, Any]
    gaps: list[dict[str, Any]]
    attachments: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    reader: list[dict[str, Any]]
    precedents: list[dict[str, Any]]
    warnings: list[str]
    request: dict[str, Any]
    docx_url: str
    pdf_url: str | None


class KindOut(Schema):
    name: str
    purpose: str
    directions: list[str]
    closing: str
    addressed: bool


class FactOut(Schema):
    name: str
    word: str
    label: str
    question: str
    many: bool


class KindsOut(Schema):
    kinds: list[KindOut]
    facts: list[FactOut]


def notice_out(notice: Notice) -> dict[str, Any]:
    """A notice as the interface tells it."""
    from dataclasses import asdict

    from apps.office.layout.pdf import program
    from apps.office.layout.titles import title_lines

    draft = draft_from(notice.content)
    content = draft.as_json()
    kind = KINDS[draft.kind]
    gaps = [
        {**gap, "suggestions": [{"value": value, "source": source} for value, source in gap["suggestions"]]}
        for gap in content["gaps"]
    ]
    return {
        "id": notice.pk,
        "kind": draft.kind,
        "title": draft.title,
        "written_by": notice.written_by,
        "created_at": notice.created_at,
        "updated_at": notice.updated_at,
        "kind_choice": {
            "name": kind.name,
            "purpose": str(kind.purpose),
            "source": content["fields"]["kind"]["source"],
        },
        "title_lines": title_lines(draft.title),
        "paragraphs": content["paragraphs"],
        "fields": content["fields"],
        "gaps": gaps,
        "attachments": content["attachments"],
        "findings": [
            asdict(one) for one in check(draft, words=lexicon_for(notice.owner), corrector=corrector())
        ],
        "reader": [{**asdict(one), "answered": one.answered} for one in reader_test(draft)],
        "precedents": content["precedents"],
        "warnings": content["warnings"],
        "request": notice.request,
        "docx_url": f"/api/v1/notices/{notice.pk}.docx",
        "pdf_url": f"/api/v1/notices/{notice.pk}.pdf" if program() else None,
    }
