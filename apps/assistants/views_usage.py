"""Usage: one's own today, and for administrators everybody's with the limits."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts import quotas, selectors
from apps.accounts.limits import MEGABYTE
from apps.accounts.models import Quota
from apps.accounts.requests import SignedInRequest
from apps.assistants import reporting

SHOWN_QUOTAS = 200
MOST_NAMES = 500
SPANS = (7, 30, 90, 365)
BAR_HEIGHT, BAR_STEP = 64, 10


@require_GET
@login_required
def own_usage(request: SignedInRequest) -> HttpResponse:
    used = reporting.own_usage(request.user)
    limits = [_meters(row) | {"name": row["name"], "kind": row["kind"]} for row in used["limits"]]
    return render(request, "assistants/own_usage.html", {"used": used, "limits": limits})


@require_GET
@login_required
def usage_page(request: SignedInRequest) -> HttpResponse:
    if not request.user.is_superuser:
        raise PermissionDenied
    days = _days(request.GET.get("days", ""))
    span = reporting.span_of(date.fromordinal(date.today().toordinal() - days + 1), None)
    by_day = reporting.usage_by("day", span)
    context = {
        "days": days,
        "spans": SPANS,
        "totals": {name: sum(row[name] for row in by_day) for name in ("questions", "tokens", "uploads")},
        "charts": [
            {"title": _("Questions"), **_chart(by_day, "questions")},
            {"title": _("Tokens"), **_chart(by_day, "tokens")},
            {"title": _("Uploads"), **_chart(by_day, "uploads")},
        ],
        "people": reporting.usage_by("user", span),
        "departments": reporting.usage_by("department", span),
        "cabinets": reporting.usage_by("cabinet", span),
        "models": reporting.usage_by("model", span),
        "quotas": [_quota(row) for row in quotas.quotas()[:SHOWN_QUOTAS]],
        "names": selectors.people()[:MOST_NAMES],
        "paths": selectors.departments()[:MOST_NAMES],
    }
    return render(request, "assistants/usage.html", context)


def _days(raw: str) -> int:
    return int(raw) if raw in map(str, SPANS) else 30


def _chart(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Bars of an SVG, drawn here since pages carry no inline style."""
    most = max([row[name] for row in rows] or [0])
    bars = []
    for place, row in enumerate(rows):
        height = max(1, round(BAR_HEIGHT * row[name] / most)) if most and row[name] else 0
        bars.append(
            {
                "x": place * BAR_STEP,
                "y": BAR_HEIGHT - height,
                "height": height,
                "label": row["label"],
                "value": row[name],
            }
        )
    return {"bars": bars, "width": max(1, len(rows)) * BAR_STEP, "height": BAR_HEIGHT, "most": most}


def _quota(row: Quota) -> dict[str, Any]:
    kinds = {
        "user": _("Person"),
        "department": _("Department"),
        "key": _("Key"),
        "everyone": _("Each person"),
    }
    subject = quotas.subject_of(row)
    shown = row.user or row.department or (row.key and f"{row.key.name} ({row.key.user})") or ""
    return {"row": row, "subject": subject, "kind": kinds[subject.partition(":")[0]], "name": str(shown)}


def _meters(row: dict[str, Any]) -> dict[str, Any]:
    """(word, used, limit, share in percent) of each limit that is set."""
    storage = row["storage_mb"] * MEGABYTE if row["storage_mb"] is not None else None
    told = [
        (_("Requests in this minute"), row["requests_used"], row["requests_per_minute"], False),
        (_("Tokens today"), row["tokens_used"], row["tokens_per_day"], False),
        (_("Uploads today"), row["uploads_used"], row["uploads_per_day"], False),
        (_("Storage"), row["bytes_used"] or 0, storage, True),
    ]
    return {
        "meters": [
            {"word": word, "used": used, "limit": limit, "bytes": in_bytes, "full": used >= limit}
            for word, used, limit, in_bytes in told
            if limit is not None
        ]
    }
