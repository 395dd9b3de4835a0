"""I11: the audit trail has no gap, as far as its rows can tell.

A sequence of PostgreSQL leaves numbers out when a transaction is rolled back, so there a missing id proves
nothing, and the rows carry no number of their own. What can be proved: on SQLite the ids are without a hole,
since a rollback also takes the number back; everywhere the rows stand in the order of their time, and (in the
checks of the other apps) what exists has the row of its making.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.db.models import Count, Max, Min

from apps.accounts.models import AuditEvent
from apps.core.doctor import Finding, in_batches

TOLERANCE = timedelta(hours=1)  # between two transactions that overlap, or a clock that was set


def audit_without_gap(*, repair: bool) -> Iterator[Finding]:
    """Nothing is mended: a trail that a program completes proves nothing."""
    if connection.vendor == "sqlite":
        yield from _missing_numbers()
    newest = None
    for batch in in_batches(AuditEvent.objects.only("pk", "at"), size=2000):
        for event in batch:
            if newest is not None and event.at < newest - TOLERANCE:
                yield Finding(
                    "I11", f"audit row {event.pk}", f"dated {event.at:%F %T}, after one of {newest:%F %T}"
                )
            newest = max(event.at, newest or event.at)


def _missing_numbers() -> Iterator[Finding]:
    seen = AuditEvent.objects.aggregate(first=Min("pk"), last=Max("pk"), rows=Count("pk"))
    last = seen["last"] or 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [AuditEvent._meta.db_table])
        given = (cursor.fetchone() or [0])[0]
    if missing := max(last, given) - seen["rows"]:
        yield Finding("I11", "audit trail", f"{missing} rows of {max(last, given)} are missing")
