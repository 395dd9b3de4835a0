"""The health page: each thing that the product needs, asked when the page is opened."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.core.health import Check, checks


@require_GET
@login_required
def health_page(request: HttpRequest) -> HttpResponse:
    if not request.user.is_superuser:
        raise PermissionDenied
    found = checks()
    rows = [_row(check) for check in found]
    context = {
        "rows": rows,
        "healthy": all(check.ok for check in found),
        "asked_at": timezone.now(),
        "strings": _strings(),
    }
    return render(request, "accounts/health.html", context)


def _strings() -> dict[str, str]:
    return {
        "cancel": _("Cancel"),
        "repair_heading": _("Check and mend?"),
        "repair_text": _(
            "What a program may mend is mended: documents are read again, left-over entries and files are removed. After a restore from a backup, look at the findings first."
        ),
        "repair_confirm": _("Check and mend"),
        "examination_asked": _("It is being checked"),
    }


def _row(check: Check) -> dict[str, Any]:
    label, purpose, remedy = _words().get(check.name, (check.name, "", ""))
    return {"check": check, "label": label, "purpose": purpose, "remedy": "" if check.ok else remedy}


def _words() -> dict[str, tuple[str, str, str]]:
    """For each dependency: its name, what it is for, and what to do when it is down."""
    return {
        "database": (
            _("Database"),
            _("cabinets, people, conversations"),
            _("Nothing works without it. Check that it runs and that DATABASE_URL is right."),
        ),
        "cache": (
            _("Cache"),
            _("sessions and the sign-in brake"),
            _("Check that Redis runs and that REDIS_URL is right."),
        ),
        "broker": (
            _("Message broker"),
            _("hands work to the workers"),
            _("Uploads are kept and wait. Check that Redis runs and that CELERY_BROKER_URL is right."),
        ),
        "store": (
            _("Vector store"),
            _("finds passages"),
            _("Search and answers are down until it is back. Check QDRANT_URL and the disk."),
        ),
        "embedder": (
            _("Embedding model"),
            _("turns text into vectors"),
            _("Search goes on by words alone, new documents wait. Check EMBED_URL or the model's files."),
        ),
        "worker": (
            _("Worker"),
            _("reads uploaded documents"),
            _("Uploads are kept and wait. Start a worker, or look why it stopped."),
        ),
        "model": (
            _("Chat model"),
            _("writes answers"),
            _("Answers are quoted passages until it is back. Check LLM_BASE_URL and LLM_MODEL."),
        ),
    }
