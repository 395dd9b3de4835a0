"""I11, the part that only cabinets can know: what exists has the audit row of its making."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from apps.accounts.doctor import audit_without_gap
from apps.accounts.models import AuditEvent
from apps.cabinets.models import Cabinet, Document
from apps.core.doctor import Finding, in_batches


def audit(*, repair: bool) -> Iterator[Finding]:
    yield from audit_without_gap(repair=repair)
    yield from _without_birth(Cabinet.objects.all(), "cabinet.create")
    yield from _without_birth(Document.objects.filter(parent=None), "document.upload")


def _without_birth(rows: QuerySet, action: str) -> Iterator[Finding]:
    for batch in in_batches(rows):
        keys = {str(row.pk) for row in batch}
        told = AuditEvent.objects.filter(action=action, target_id__in=keys).values_list(
            "target_id", flat=True
        )
        for key in sorted(keys - set(told)):
            yield Finding("I11", f"{action.partition('.')[0]} {key}", f"no audit row says {action}")
