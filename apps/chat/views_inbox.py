"""The inbox page of those who manage cabinets."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.requests import SignedInRequest
from apps.cabinets import access
from apps.chat import inbox
from apps.chat.feedback import reason_words
from apps.chat.models import Report

PAGE = 30


@login_required
@require_GET
def inbox_page(request: SignedInRequest) -> HttpResponse:
    """?done=1 shows what was settled; ?offset= further ones."""
    done = request.GET.get("done") == "1"
    offset = request.GET.get("offset", "0")
    start = min(int(offset), 10_000) if offset.isdecimal() else 0
    rows = list(
        inbox.reports_for(request.user, done=done).select_related("message", "done_by")[
            start : start + PAGE + 1
        ]
    )
    context = {
        "done": done,
        "reports": _entries(request, rows[:PAGE]),
        "next_offset": start + PAGE if len(rows) > PAGE else None,
        "manages": access.managed_cabinets_for(request.user).exists(),
        "open_count": inbox.open_count(request.user),
        "page_strings": _strings(),
    }
    return render(request, "chat/inbox.html", context)


def _entries(request: SignedInRequest, rows: list[Report]) -> list[dict[str, Any]]:
    cabinets, words = inbox.cabinets_of(request.user, rows), dict(reason_words())
    return [
        {
            "report": row,
            "turn": inbox.shown_answer(request.user, row),
            "cabinets": cabinets[row.pk],
            "reason": words.get(row.reason, ""),
        }
        for row in rows
    ]


def _strings() -> dict[str, str]:
    return {
        "settled": _("Done"),
        "reopened": _("Open again"),
        "answered": _("Added to the cabinet, and done"),
        "golden_failed": _("The document was added, but no golden question: {why}"),
    }
