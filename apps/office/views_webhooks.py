"""The page of webhooks: where to tell, and what was told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.cabinets.views.guard import page, person
from apps.office.views_proofread import tabs
from apps.office.webhooks.models import Delivery, Webhook
from apps.office.webhooks.services import EVENTS, MOST_WEBHOOKS, webhooks_for

MOST_DELIVERIES = 10  # of each
EVENT_NAMES = {
    "document.ready": lambda: _("A document can be searched"),
    "document.failed": lambda: _("A document failed"),
    "job.finished": lambda: _("A job ended"),
    "notice.changed": lambda: _("A notice was written or changed"),
    "form.changed": lambda: _("A form was built or changed"),
    "ping": lambda: _("A test"),
}
# state → (what a status mark calls it, the word)
STATES = {
    Delivery.State.PENDING: ("queued", lambda: _("waiting")),
    Delivery.State.DELIVERED: ("ready", lambda: _("taken")),
    Delivery.State.FAILED: ("failed", lambda: _("given up")),
}


@require_GET
@page
def webhooks_page(request: HttpRequest) -> HttpResponse:
    hooks = webhooks_for(person(request))[:MOST_WEBHOOKS]
    context = {
        "office_tabs": tabs(),
        "hooks": [_shown(hook) for hook in hooks],
        "events": [(name, EVENT_NAMES[name]()) for name in EVENTS if name != "ping"],
        "hosts": sorted(settings.WEBHOOK_ALLOWED_HOSTS),
        "strings": _strings(),
    }
    return render(request, "office/webhooks.html", context)


def _shown(hook: Webhook) -> dict[str, Any]:
    deliveries = [_delivery(row) for row in hook.deliveries.all()[:MOST_DELIVERIES]]
    return {"row": hook, "events": [EVENT_NAMES[name]() for name in hook.events], "deliveries": deliveries}


def _delivery(row: Delivery) -> dict[str, Any]:
    """With its last attempt: the status that the host answered, or why there is none."""
    last = row.log[-1] if row.log else {}
    state, said = STATES[Delivery.State(row.state)]
    data = row.payload.get("data", {})
    return {
        "row": row, "event": EVENT_NAMES[row.event]() if row.event in EVENT_NAMES else row.event,
        "about": data.get("title", "") or data.get("kind", ""), "state": state, "word": said(),
        "answer": last.get("status") or _fault(last.get("error", "")), "ms": last.get("ms"),
        "again": row.next_at if row.state == Delivery.State.PENDING and row.attempts else None,
    }  # fmt: skip


def _fault(error: str) -> str:
    known = {
        "": "",
        "timeout": _("no answer in time"),
        "host_not_allowed": _("the host is not on the list"),
        "secret_unreadable": _("the secret cannot be read"),
    }
    return known.get(error, _("not reached"))


def _strings() -> dict[str, str]:
    return {
        "cancel": _("Cancel"),
        "delete": _("Delete"),
        "required": _("Fill this in."),
        "choose_event": _("Choose at least one event."),
        "delete_hook": _("Delete this webhook?"),
        "delete_hook_text": _("{url} is told nothing any more, and its log goes."),
        "sending": _("Sending a test …"),
        "test_taken": _("The test was taken: {status}."),
        "test_refused": _("The test was not taken. See the log below."),
        "test_waiting": _("The test is on its way; look again in a minute."),
    }
