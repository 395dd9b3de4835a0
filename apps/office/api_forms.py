"""REST: forms from a description or a template, changed, checked, printed."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import Router, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.core.api import json_answer
from apps.core.pagination import paginate
from apps.office.acting import acting
from apps.office.forms.checking import faults
from apps.office.forms.fields import CONTROLS, form_from
from apps.office.forms.schemas import (
    CheckedOut,
    FormIn,
    FormList,
    FormOut,
    FormPut,
    TemplateList,
    ValuesIn,
    form_out,
)
from apps.office.forms.services import form_create, form_for, form_update, forms_for
from apps.office.forms.templates import templates
from apps.office.layout.sheet import sheet_file

router = Router(tags=["office"])
OFFICE = ApiKey.Scope.OFFICE
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.get(
    "/form-templates", response=TemplateList, summary="The templates, and the controls that fields may use"
)
def form_templates(request: HttpRequest):
    require_scope(request, OFFICE)
    language = "en" if (get_language() or "zh").startswith("en") else "zh"
    items = [{"id": one.id, "title": one.title(language)} for one in templates()]
    return {"items": items, "controls": list(CONTROLS)}


@router.get("/forms", response=FormList, summary="Your forms, the newest first")
def forms(request: HttpRequest, limit: int = 50, cursor: str | None = None):
    user = require_scope(request, OFFICE)
    items, following = paginate(forms_for(user), limit=limit, cursor=cursor, by="-updated_at")
    return {"items": items, "next_cursor": following}


@router.post("/forms", response=FormOut, summary="A form from a description or a template")
def form_new(request: HttpRequest, payload: FormIn):
    """With JSON Schema 2020-12, a UI schema and a printable Word file. A chat model reads the description where there
    is one, else a lexicon of nouns; `gaps` asks for what is left open."""
    user = acting(request, payload.on_behalf_of, OFFICE)
    row = form_create(by=user, brief=payload.brief, template=payload.template, writer=payload.writer)
    return json_answer(form_out(row))


@router.get("/forms/{uuid:form_id}", response=FormOut, summary="One form")
def form(request: HttpRequest, form_id: UUID):
    return json_answer(form_out(form_for(require_scope(request, OFFICE), form_id)))


@router.put("/forms/{uuid:form_id}", response=FormOut, summary="Change its title, fields and checks")
def form_put(request: HttpRequest, form_id: UUID, payload: FormPut):
    """All fields in their order; keys are given anew, and checks follow theirs."""
    row = form_for(require_scope(request, OFFICE), form_id)
    fields = [one.dict() for one in payload.fields]
    changed = form_update(
        row, title=payload.title, fields=fields, checks=[one.dict() for one in payload.checks]
    )
    return json_answer(form_out(changed))


@router.delete("/forms/{uuid:form_id}", response={204: None}, summary="Delete it")
def form_delete(request: HttpRequest, form_id: UUID):
    form_for(require_scope(request, OFFICE), form_id).delete()
    return Status(204, None)


@router.post("/forms/{uuid:form_id}/check", response=CheckedOut, summary="Whether values fit the form")
def form_check(request: HttpRequest, form_id: UUID, payload: ValuesIn):
    """The schema and the checks between fields; nothing is kept."""
    row = form_for(require_scope(request, OFFICE), form_id)
    found = faults(form_from(row.definition), payload.values)
    return {"valid": not found, "errors": [{"field": one.field, "message": one.message} for one in found]}


@router.get("/forms/{uuid:form_id}.docx", summary="As a sheet to print")
def form_word(request: HttpRequest, form_id: UUID):
    row = form_for(require_scope(request, OFFICE), form_id)
    response = HttpResponse(sheet_file(form_from(row.definition)), content_type=WORD)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(row.title[:80])}.docx"
    response["X-Content-Type-Options"] = "nosniff"
    return response
