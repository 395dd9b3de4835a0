"""The assistants page: who may use which, and the form that makes one. Changes go through the REST interface."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.models import Department
from apps.accounts.requests import SignedInRequest
from apps.assistants.access import assistant_for, assistants_for, may_change
from apps.assistants.making import MOST_EXAMPLES
from apps.assistants.models import Assistant
from apps.assistants.parameters import explained
from apps.assistants.providers import chat_models
from apps.cabinets import access

MOST_SHOWN, MOST_CABINETS, MOST_DEPARTMENTS = 200, 200, 200
FEWEST_EXAMPLES = 2


@login_required
@require_GET
def assistants(request: SignedInRequest) -> HttpResponse:
    rows = list(
        assistants_for(request.user).select_related("owner").prefetch_related("departments")[:MOST_SHOWN]
    )
    for row in rows:
        row.may_change = may_change(request.user, row)  # type: ignore[attr-defined]
    context = {"assistants": rows, "page_strings": _strings()}
    return render(request, "assistants/assistants.html", context)


@login_required
@require_GET
def assistant_new(request: SignedInRequest) -> HttpResponse:
    return render(request, "assistants/assistant.html", _form(request, None))


@login_required
@require_GET
def assistant(request: SignedInRequest, assistant_id: UUID) -> HttpResponse:
    return render(
        request, "assistants/assistant.html", _form(request, assistant_for(request.user, assistant_id))
    )


def _form(request: SignedInRequest, found: Assistant | None) -> dict[str, Any]:
    user = request.user
    departments = Department.objects.all() if user.is_superuser else user.departments.all()
    examples = [*(found.examples if found else [])]
    blank = max(FEWEST_EXAMPLES - len(examples), 1 if len(examples) < MOST_EXAMPLES else 0)
    return {
        "assistant": found,
        "may_change": found is None or may_change(user, found),
        "cabinets": access.cabinets_for(user).order_by("name")[:MOST_CABINETS],
        "chosen_cabinets": set(found.cabinets.values_list("pk", flat=True)) if found else set(),
        "departments": departments[:MOST_DEPARTMENTS],
        "chosen_departments": set(found.departments.values_list("pk", flat=True)) if found else set(),
        "examples": examples + [{"question": "", "answer": ""}] * blank,
        "questions": "\n".join(found.questions) if found else "",
        "models": [model.name for model in chat_models()],
        "parameters": explained(),
        "chosen_parameters": found.parameters if found else {},
        "page_strings": _strings(),
    }


def _strings() -> dict[str, str]:
    return {
        "cancel": _("Cancel"),
        "delete": _("Delete"),
        "delete_heading": _("Delete “{name}”?"),
        "delete_text": _("Conversations that use it can go on with another assistant or none."),
        "copied_assistant": _("Copied"),
        "required": _("Please fill this in."),
    }
