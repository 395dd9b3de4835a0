"""I11: the audit trail is whole. Each sealed row names the hash of the one before, and the end of the chain is
kept apart, so that a row which was changed, put between or taken away shows, wherever it stood.

Whoever can write the database can also compute a new chain; against that stands the copy that AUDIT_LOG keeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from apps.accounts.chain import digest
from apps.accounts.models import AuditEvent, AuditSeal
from apps.accounts.trail import audit_seal
from apps.core.doctor import Finding, release

BATCH = 2000
PATIENCE = timedelta(minutes=2)  # from a commit to its seal, with a sweep between


def audit_without_gap(*, repair: bool) -> Iterator[Finding]:
    """Only rows that a crash left outside the chain are taken into it: a trail that a program completes proves
    nothing."""
    most = AuditEvent.objects.exclude(number=None).aggregate(most=Max("number"))["most"] or 0
    end = AuditSeal.objects.filter(pk=1).first() or AuditSeal()
    if most > end.number:
        yield _wrong(f"rows {end.number + 1} to {most}", "stand behind the end of the chain")
    number, before = 0, ""
    for row in _sealed(end.number):
        if row.number != number + 1:
            yield _wrong(f"rows {number + 1} to {(row.number or 0) - 1}", "are missing")
        elif row.previous != before:
            yield _wrong(f"row {row.number}", "does not follow the row before it: one of the two was changed")
        if digest(row) != row.hash:
            yield _wrong(f"row {row.number}", f"was changed ({row.at:%F %T} {row.actor_name} {row.action})")
        number, before = row.number or 0, row.hash
    if end.number > number:
        yield _wrong(f"rows {number + 1} to {end.number}", "are missing")
    elif (end.number, end.hash) != (number, before):
        yield _wrong("end of the chain", "was changed")
    yield from _outside(repair=repair)


def _sealed(most: int) -> Iterator[AuditEvent]:
    """In the order of their numbers, as far as the chain reached when the look began."""
    last = 0
    while True:
        rows = AuditEvent.objects.filter(number__gt=last, number__lte=most).order_by("number")
        batch = list(rows[:BATCH])
        release()
        if not batch:
            return
        yield from batch
        last = batch[-1].number or 0


def _outside(*, repair: bool) -> Iterator[Finding]:
    late = AuditEvent.objects.filter(number=None, at__lt=timezone.now() - PATIENCE).count()
    if late:
        if repair:
            audit_seal()
        yield Finding("I11", "audit trail", f"{late} rows are not in the chain", "taken in" if repair else "")


def _wrong(subject: str, detail: str) -> Finding:
    return Finding("I11", f"audit {subject}", detail)
