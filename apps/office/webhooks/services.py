"""Writes of webhooks: made, changed, and rows that changed turned into deliveries.

Events are read from the rows, not from messages, so none is lost with a worker; each has a key that makes it one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.cabinets.access import visible_documents
from apps.cabinets.models import Document
from apps.core.models import Job
from apps.core.problems import Problem, invalid
from apps.core.secrets import encrypt
from apps.net.outbound import is_allowed
from apps.office.forms.models import OfficeForm
from apps.office.notices.models import Notice
from apps.office.webhooks.models import Delivery, Webhook

EVENTS = ("document.ready", "document.failed", "job.finished", "notice.changed", "form.changed", "ping")
MOST_WEBHOOKS, LONGEST_URL = 20, 500
OVERLAP = timedelta(seconds=30)  # rows may be committed a little after the time that they carry
BATCH = 500
KEPT = timedelta(days=30)
ENDED = (Job.State.SUCCEEDED, Job.State.FAILED, Job.State.PARTIAL, Job.State.CANCELLED)
Told = tuple[str, str, datetime, dict[str, Any]]  # event, key, when, data


def webhooks_for(user: User) -> QuerySet[Webhook]:
    return Webhook.objects.filter(owner=user)


def webhook_for(user: User, webhook_id: UUID) -> Webhook:
    """Raises Http404 where there is none or it is not theirs."""
    found = webhooks_for(user).filter(pk=webhook_id).first()
    if found is None:
        raise Http404
    return found


@transaction.atomic
def webhook_create(*, by: User, url: str, events: Sequence[str]) -> tuple[Webhook, str]:
    """The webhook and its secret, which is shown once. Raises Problem 422 for a host that is not allowed."""
    check_url(url)
    chosen = _checked(events)
    if webhooks_for(by).count() >= MOST_WEBHOOKS:
        raise Problem(
            409, _("You have %(most)d webhooks already.") % {"most": MOST_WEBHOOKS}, code="too_many"
        )
    secret = "whs_" + secrets.token_urlsafe(32)
    made = Webhook.objects.create(owner=by, url=url, events=chosen, secret=encrypt(secret))
    audit_record(by, action="webhook.create", target=made, detail={"events": chosen})
    return made, secret


@transaction.atomic
def webhook_update(
    row: Webhook, *, by: User, enabled: bool | None = None, events: Sequence[str] | None = None
) -> Webhook:
    """Switching it on again begins now: what happened meanwhile is not told."""
    if events is not None:
        row.events = _checked(events)
    if enabled is not None:
        if enabled and not row.enabled:
            row.since, row.failures = timezone.now(), 0
        row.enabled = enabled
    row.save(update_fields=["events", "enabled", "since", "failures"])
    audit_record(
        by, action="webhook.update", target=row, detail={"enabled": row.enabled, "events": row.events}
    )
    return row


@transaction.atomic
def webhook_delete(row: Webhook, *, by: User) -> None:
    audit_record(by, action="webhook.delete", target=row)
    row.delete()


def webhook_ping(row: Webhook) -> Delivery:
    """A call that says nothing, to try the receiver."""
    key = f"ping:{secrets.token_hex(8)}"
    payload = _payload("ping", timezone.now(), {"webhook_id": str(row.pk)})
    return Delivery.objects.create(webhook=row, event="ping", key=key, payload=payload)


def check_url(url: str) -> None:
    """Raises Problem 422: an address of the list WEBHOOK_ALLOWED_HOSTS, http or https, without a name and password."""
    if len(url) > LONGEST_URL or not is_allowed(url, settings.WEBHOOK_ALLOWED_HOSTS):
        raise invalid(
            "url", _("Only hosts of the list WEBHOOK_ALLOWED_HOSTS may be called. An administrator sets it.")
        )


def _checked(events: Sequence[str]) -> list[str]:
    chosen = list(dict.fromkeys(events))
    if not chosen or set(chosen) - set(EVENTS):
        raise invalid("events", _("Choose events from: %(names)s.") % {"names": ", ".join(EVENTS)})
    return chosen


def collect() -> list[UUID]:
    """Deliveries of everything that changed since the last look; the ids of the new ones."""
    made: list[UUID] = []
    for row in Webhook.objects.filter(enabled=True, owner__is_active=True).select_related("owner"):
        now = timezone.now()
        told = [one for one in happened(row) if one[0] in row.events]
        with transaction.atomic():
            for event, key, at, data in told:
                delivery, new = Delivery.objects.get_or_create(
                    webhook=row, key=key, defaults={"event": event, "payload": _payload(event, at, data)}
                )
                if new:
                    made.append(delivery.pk)
            Webhook.objects.filter(pk=row.pk).update(since=now)
    Delivery.objects.exclude(state=Delivery.State.PENDING).filter(
        created_at__lt=timezone.now() - KEPT
    ).delete()
    return made


def happened(row: Webhook) -> Iterator[Told]:
    """What the owner may see and what changed, from a little before the last look."""
    since = max(row.since - OVERLAP, row.created_at)
    user = row.owner
    if any(name.startswith("document.") for name in row.events):
        yield from _documents(user, since)
    if "job.finished" in row.events:
        for job in Job.objects.filter(owner=user, state__in=ENDED, updated_at__gte=since)[:BATCH]:
            data = {
                "job_id": str(job.pk),
                "kind": job.kind,
                "state": job.state,
                "url": f"/api/v1/jobs/{job.pk}",
            }
            yield "job.finished", f"job:{job.pk}", job.updated_at, data
    for event, model, path in (("notice.changed", Notice, "notices"), ("form.changed", OfficeForm, "forms")):
        if event in row.events:
            for one in model.objects.filter(owner=user, updated_at__gte=since)[:BATCH]:  # type: ignore[attr-defined]
                data = {"id": str(one.pk), "title": one.title, "url": f"/api/v1/{path}/{one.pk}"}
                yield event, f"{path}:{one.pk}:{one.updated_at.isoformat()}", one.updated_at, data


def _documents(user: User, since: datetime) -> Iterator[Told]:
    ended = (Document.Status.READY, Document.Status.FAILED)
    rows = visible_documents(user).filter(cabinet__personal=False, status__in=ended, updated_at__gte=since)
    for one in rows.annotate(served=F("active_generation"))[:BATCH]:
        event = f"document.{one.status}"
        data = {
            "document_id": str(one.pk),
            "title": one.title,
            "cabinet_id": str(one.cabinet_id),
            "status": one.status,
            "error": one.error_code or None,
            "url": f"/api/v1/documents/{one.pk}",
        }
        yield event, f"{event}:{one.pk}:{one.generation}", one.updated_at, data


def _payload(event: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {"event": event, "at": at.isoformat(timespec="seconds"), "data": data}
