"""The chain of the audit trail: each sealed row holds the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC

from django.db import models, transaction

from apps.accounts.models import AuditEvent, AuditSeal

BATCH = 500


@transaction.atomic
def seal_some() -> int:
    """Seal at most BATCH rows; how many there were."""
    end = seal_locked()
    rows = list(AuditEvent.objects.filter(number=None).order_by("pk")[:BATCH])
    for row in rows:
        end.number += 1
        row.number, row.previous = end.number, end.hash
        row.hash = end.hash = digest(row)
    if rows:
        models.QuerySet(AuditEvent).bulk_update(rows, ["number", "previous", "hash"])
        end.save(update_fields=["number", "hash"])
    return len(rows)


def seal_locked() -> AuditSeal:
    """The end of the chain, held until the transaction ends."""
    AuditSeal.objects.get_or_create(pk=1)
    return AuditSeal.objects.select_for_update().get(pk=1)


def digest(event: AuditEvent) -> str:
    """SHA-256 over the row before and all that this one says, in one fixed form."""
    return hashlib.sha256(canonical(event).encode()).hexdigest()


def canonical(event: AuditEvent) -> str:
    """The row as one line of JSON, without its own hash; also the line of the log that is kept elsewhere."""
    return json.dumps(
        {
            "number": event.number,
            "previous": event.previous,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": event.actor_name,
            "action": event.action,
            "target_kind": event.target_kind,
            "target_id": event.target_id,
            "target_name": event.target_name,
            "detail": event.detail,
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
