"""Shapes of the forms interface."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from apps.office.forms.fields import form_from
from apps.office.forms.models import OfficeForm
from apps.office.forms.schema import json_schema, ui_schema
from apps.office.forms.services import questions


class FormIn(Schema):
    """A description in words, or a template by its id or title. `writer` template asks no model."""

    brief: str = Field("", max_length=20_000)
    template: str = Field("", max_length=100)
    writer: Literal["auto", "template"] = "auto"
    on_behalf_of: str | None = Field(None, max_length=150)


class FieldIn(Schema):
    """`key` as it was given; a new field has none."""

    key: str = Field("", max_length=40)
    title: str = Field(..., max_length=200)
    control: str = Field(..., max_length=40)
    required: bool = False
    hint: str = Field("", max_length=400)
    options: list[str] = Field(default_factory=list, max_length=200)
    columns: list[FieldIn] = Field(default_factory=list, max_length=50)
    many: bool = False


class CheckIn(Schema):
    kind: Literal["order", "sum", "product", "days", "positive"]
    fields: list[str] = Field(..., max_length=3)


class FormPut(Schema):
    title: str = Field(..., max_length=400)
    fields: list[FieldIn] = Field(..., max_length=200)
    checks: list[CheckIn] = Field(default_factory=list, max_length=100)


class ValuesIn(Schema):
    values: dict[str, Any]


class FaultOut(Schema):
    field: str
    message: str


class CheckedOut(Schema):
    valid: bool
    errors: list[FaultOut]


class FormRow(Schema):
    id: UUID
    title: str
    created_at: datetime
    updated_at: datetime


class FormList(Schema):
    items: list[FormRow]
    next_cursor: str | None


class FormOut(FormRow):
    """`fields` and `checks` are what a PUT takes; `gaps` what the description left open."""

    brief: str
    template: str
    fields: list[dict[str, Any]]
    checks: list[dict[str, Any]]
    form_schema: dict[str, Any] = Field(..., alias="json_schema")
    ui_schema: dict[str, Any]
    gaps: list[dict[str, Any]]
    docx_url: str


class TemplateOut(Schema):
    id: str
    title: str


class TemplateList(Schema):
    items: list[TemplateOut]
    controls: list[str]


def form_out(row: OfficeForm) -> dict[str, Any]:
    form = form_from(row.definition)
    return {
        "id": row.pk,
        "title": form.title,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "brief": row.brief,
        "template": form.template,
        "fields": [asdict(one) for one in form.fields],
        "checks": [asdict(one) for one in form.checks],
        "json_schema": json_schema(form, form_id=str(row.pk)),
        "ui_schema": ui_schema(form),
        "gaps": questions(row),
        "docx_url": f"/api/v1/forms/{row.pk}.docx",
    }
