"""The queue for administrators: what runs, who waits, what failed and why."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.requests import SignedInRequest
from apps.cabinets.messages import sentence
from apps.cabinets.models import Document
from apps.cabinets.selectors_queue import QueueState, queue_state
from apps.cabinets.views.guard import page, person
from apps.cabinets.views.status import StatusLine, duration, status_lines
from apps.cabinets.views.strings import dialog_strings


@dataclass(frozen=True, slots=True)
class Row:
    """`reason` is the sentence for people, `detail` what the log says; both only for failures."""

    document: Document
    status: StatusLine
    reason: str = ""


@require_GET
@page
def queue_page(request: SignedInRequest) -> HttpResponse:
    if not person(request).is_superuser:
        raise PermissionDenied
    state = queue_state()
    lines = status_lines([*state.running, *state.following])
    context = {
        "state": state,
        "numbers": _numbers(state),
        "running": [Row(document, lines[document.pk]) for document in state.running],
        "following": [Row(document, lines[document.pk]) for document in state.following],
        "waiting": [(one, duration(one.seconds) if state.worker_seen else "") for one in state.waiting],
        "failed": [
            Row(document, StatusLine("failed", _("Failed")), sentence(document.error_code))
            for document in state.failed
        ],
        "left": duration(state.seconds) if state.seconds else "",
        "strings": _strings(),
    }
    part = request.htmx and request.GET.get("part") == "queue"
    return render(request, "cabinets/_queue.html" if part else "cabinets/queue.html", context)


def _numbers(state: QueueState) -> list[tuple[str, str, int]]:
    """(data-state, word, count) in the order of the work."""
    words = {
        "queued": _("In the queue"),
        "processing": _("Being read"),
        "ready": _("Ready"),
        "failed": _("Failed"),
        "deleting": _("Being removed"),
    }
    shown = {"deleting": "queued"}  # a number is not struck through
    return [(shown.get(status, status), word, state.counts[status]) for status, word in words.items()]


def _strings() -> dict[str, str]:
    return {
        **dialog_strings(),
        "requeued_one": _("Queued to be read again"),
        "requeued": _("Queued to be read again: {count}"),
        "cancelled_one": _("Cancelled"),
        "retry_all": _("Read {count} documents again?"),
        "retry_all_text": _(
            "They are queued behind what waits now. A file that cannot be read will fail again."
        ),
        "retry_all_confirm": _("Read all again"),
    }
