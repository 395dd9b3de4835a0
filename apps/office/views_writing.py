"""Pages of writing: the notice studio and the form builder."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from apps.assistants.providers import chat_models
from apps.cabinets.views.guard import page, person
from apps.office.forms.schemas import form_out
from apps.office.forms.services import form_for, forms_for
from apps.office.forms.templates import templates
from apps.office.layout.pdf import program
from apps.office.notices.fields import FIELDS
from apps.office.notices.kinds import KINDS
from apps.office.notices.schemas import notice_out
from apps.office.notices.selectors import notice_for, notices_for
from apps.office.page_strings_writing import controls, fact_labels, form_strings, notice_strings
from apps.office.views_proofread import tabs

SHOWN = 100


@require_GET
@page
def notices_page(request: HttpRequest, notice_id: UUID | None = None) -> HttpResponse:
    """The studio, empty or with a notice of the person's."""
    user = person(request)
    row = notice_for(user, notice_id) if notice_id else None
    context: dict[str, Any] = {
        "office_tabs": tabs(),
        "notices": notices_for(user).only("pk", "title", "kind")[:SHOWN],
        "notice": row,
        "told": _plain(notice_out(row)) if row else None,
        "kinds": list(KINDS.values()),
        "facts": list(FIELDS),
        "models": chat_models()[:1],
        "pdf": program() is not None,
        "strings": notice_strings(),
        "labels": fact_labels(),
    }
    return render(request, "office/notices.html", context)


@require_GET
@page
def forms_page(request: HttpRequest, form_id: UUID | None = None) -> HttpResponse:
    """The builder, empty or with a form of the person's."""
    user = person(request)
    row = form_for(user, form_id) if form_id else None
    language = "en" if (get_language() or "zh").startswith("en") else "zh"
    context: dict[str, Any] = {
        "office_tabs": tabs(),
        "forms": forms_for(user).only("pk", "title")[:SHOWN],
        "form": row,
        "told": _plain(form_out(row)) if row else None,
        "templates": [{"id": one.id, "title": one.title(language)} for one in templates()],
        "controls": controls(),
        "strings": form_strings(),
    }
    return render(request, "office/forms.html", context)


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """Ids and times as texts, for a script."""
    return told | {name: str(told[name]) for name in ("id", "created_at", "updated_at")}
