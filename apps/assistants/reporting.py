"""What is used, by person, department, cabinet, model and day: bounded sums for the usage page and REST."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.limits import FIELDS, Limit, limits_for
from apps.accounts.models import Consumption, User
from apps.assistants.models import Usage
from apps.cabinets.models import Cabinet, DocumentVersion
from apps.cabinets.services.uploads import bytes_of
from apps.core.problems import invalid

MOST_ROWS = 200
MOST_DAYS = 366
DAYS = 30
Row = dict[str, Any]
_SUMS = {name: Sum(name) for name in ("questions", "tokens", "uploads")}


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=day) for day in range((self.last - self.first).days + 1)]


def span_of(first: date | None, last: date | None) -> Span:
    """The last thirty days unless said otherwise. Raises Problem 422."""
    last = last or timezone.localdate()
    first = first or last - timedelta(days=DAYS - 1)
    if first > last or (last - first).days >= MOST_DAYS:
        raise invalid(
            "from", _("Choose at most %(most)d days, the first before the last.") % {"most": MOST_DAYS}
        )
    return Span(first, last)


def usage_by(group: str, span: Span) -> list[Row]:
    """At most 200 rows, the largest first (days in their order). Raises Problem 422."""
    if group not in _GROUPS:
        raise invalid("group_by", _("Choose one of: %(choices)s.") % {"choices": ", ".join(_GROUPS)})
    return _GROUPS[group](span)


def _consumed(span: Span) -> Any:
    return Consumption.objects.filter(day__range=(span.first, span.last))


def _by_user(span: Span) -> list[Row]:
    rows = _consumed(span).values("user", name=F("user__username"), label=F("user__display_name"))
    found = list(rows.annotate(**_SUMS).order_by("-tokens", "-questions", "name")[:MOST_ROWS])
    keys = [row.pop("user") for row in found]
    stored = _stored("created_by", keys)
    return [
        {**row, "label": row["label"] or row["name"], "bytes": stored.get(key, 0)}
        for key, row in zip(keys, found, strict=True)
    ]


def _by_department(span: Span) -> list[Row]:
    """People in several departments count in each; those in none are left out."""
    rows = _consumed(span).exclude(user__departments=None)
    grouped = rows.values(name=F("user__departments__path")).annotate(**_SUMS)
    return [{**row, "label": row["name"]} for row in grouped.order_by("-tokens", "name")[:MOST_ROWS]]


def _by_day(span: Span) -> list[Row]:
    rows = {row["day"]: row for row in _consumed(span).values("day").annotate(**_SUMS)}
    empty = {"questions": 0, "tokens": 0, "uploads": 0}
    return [
        {**empty, **rows.get(day, {}), "name": day.isoformat(), "label": day.isoformat()} for day in span.days
    ]


def _by_model(span: Span) -> list[Row]:
    rows = Usage.objects.filter(day__range=(span.first, span.last)).values("kind", name=F("model"))
    sums = {
        "requests": Sum("requests"),
        "prompt": Sum("prompt_tokens"),
        "completion": Sum("completion_tokens"),
    }
    return [
        {
            "name": row["name"],
            "label": row["name"],
            "kind": row["kind"],
            "requests": row["requests"],
            "tokens": row["prompt"] + row["completion"],
        }
        for row in rows.annotate(**sums).order_by("-completion", "-prompt", "name")[:MOST_ROWS]
    ]


def _by_cabinet(span: Span) -> list[Row]:
    """As they are now, with what was uploaded in these days; without what is personal."""
    cabinets = Cabinet.objects.filter(deleted_at=None, personal=False).annotate(
        documents_now=Count("documents")
    )
    found = list(cabinets.order_by("-documents_now", "name")[:MOST_ROWS])
    keys = [cabinet.pk for cabinet in found]
    stored = _stored("document__cabinet", keys)
    new = DocumentVersion.objects.filter(
        document__cabinet__in=keys, created_at__date__range=(span.first, span.last)
    )
    uploads = dict(new.values_list("document__cabinet").annotate(Count("pk")).order_by())
    return [
        {
            "name": cabinet.slug,
            "label": cabinet.name,
            "documents": cabinet.documents_now,  # type: ignore[attr-defined]
            "uploads": uploads.get(cabinet.pk, 0),
            "bytes": stored.get(cabinet.pk, 0),
        }
        for cabinet in found
    ]


def _stored(field: str, keys: Iterable[Any]) -> dict[Any, int]:
    rows = DocumentVersion.objects.filter(**{f"{field}__in": list(keys)}).values_list(field)
    return dict(rows.annotate(Sum("size")).order_by())


_GROUPS: dict[str, Callable[[Span], list[Row]]] = {
    "user": _by_user,
    "department": _by_department,
    "cabinet": _by_cabinet,
    "model": _by_model,
    "day": _by_day,
}
GROUPS = tuple(_GROUPS)


def own_usage(user: User) -> Row:
    """Today's use of a person with the limits that hold for them."""
    today = Consumption.objects.filter(user=user, day=timezone.localdate()).aggregate(**_SUMS)
    return {
        **{name: value or 0 for name, value in today.items()},
        "bytes": bytes_of([user.pk]),
        "limits": [_told(limit, user) for limit in limits_for(user)],
    }


def _told(limit: Limit, user: User) -> Row:
    used = limit.used_today(user)
    values = {name: getattr(limit, name) for name in FIELDS}
    needs_bytes = limit.storage_mb is not None and limit.kind != "key"
    return {
        "kind": limit.kind,
        "name": limit.name,
        **values,
        "requests_used": limit.requests_now(user),
        "tokens_used": used["tokens"],
        "uploads_used": used["uploads"],
        "bytes_used": bytes_of(limit.people(user)) if needs_bytes else None,
    }
