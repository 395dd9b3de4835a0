"""Reading the audit trail: searched by administrators, taken out as a table, and one's own part of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import orjson
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.accounts.models import AuditEvent, User

MOST_EXPORTED = 50_000
COLUMNS = ("number", "at", "actor", "action", "target_kind", "target_id", "target_name", "detail", "hash")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
OPENED = ("document.read", "document.download")
SAME_VISIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; what is empty is not asked. Days are those of the server's time zone."""

    text: str = ""
    action: str = ""
    actor: str = ""
    target_id: str = ""
    since: date | None = None
    until: date | None = None


def audit_events(search: Search) -> QuerySet[AuditEvent]:
    """The newest first."""
    found = AuditEvent.objects.order_by("-id")
    if text := search.text.replace("\0", "").strip()[:100]:
        named = Q(actor_name__icontains=text) | Q(target_name__icontains=text)
        found = found.filter(named | Q(action__icontains=text) | Q(target_id=text))
    if search.action:
        found = found.filter(action__startswith=search.action[:60])
    if search.actor:
        found = found.filter(actor_name=search.actor[:150])
    if search.target_id:
        found = found.filter(target_id=search.target_id[:64])
    if search.since is not None:
        found = found.filter(at__gte=_midnight(search.since))
    if search.until is not None:
        found = found.filter(at__lt=_midnight(search.until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def audit_csv(events: Iterable[AuditEvent]) -> str:
    """A table for spreadsheets, with the mark that makes them read UTF-8. What a spreadsheet would take for a
    formula is text."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for event in events:
        detail = orjson.dumps(event.detail).decode() if event.detail else ""
        row = (
            event.number, event.at.astimezone(UTC).isoformat(), event.actor_name, event.action,
            event.target_kind, event.target_id, event.target_name, detail, event.hash,
        )  # fmt: skip
        writer.writerow(["" if value is None else as_text(str(value)) for value in row])
    return "\ufeff" + out.getvalue()


def as_text(value: str) -> str:
    """The value, marked as text where a spreadsheet would calculate it."""
    return f"'{value}" if value.lstrip(" ").startswith(FORMULA) else value


def opened_recently(user: User, target_id: str, action: str) -> bool:
    """Whether the trail says already that the person opened this: one visit is one row."""
    return AuditEvent.objects.filter(
        target_id=target_id, action=action, actor=user, at__gt=timezone.now() - SAME_VISIT
    ).exists()


def events_of(target_ids: Iterable[str], *, actions: Iterable[str] = ()) -> QuerySet[AuditEvent]:
    found = AuditEvent.objects.filter(target_id__in=target_ids).order_by("-id")
    return found.filter(action__in=actions) if actions else found
