"""Writing into the audit trail, and holding it together.

A row is written in the transaction of its change. The chain is made right after that is committed, in a short
transaction of its own under one lock: rows of changes that run side by side would otherwise wait for each
other's end. What a crash leaves unsealed the next seal or the sweeper takes up.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import Any

from django.db import models, transaction

from apps.accounts.models import AuditEvent, AuditSeal, User

BATCH = 500


def audit_record(
    actor: User | None,
    *,
    action: str,
    target: models.Model | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add one row. Call it inside the transaction of the change that it records."""
    viewer = actor.viewed_by if actor is not None else None
    if actor is not None and viewer is not None:  # an administrator with this person's eyes
        detail, actor = {**(detail or {}), "viewing_as": actor.username}, viewer
    event = AuditEvent.objects.create(
        actor=actor,
        actor_name=actor.username if actor else "system",
        action=action,
        target_kind=target._meta.model_name if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        target_name=str(target)[:255] if target is not None else "",
        detail=detail or {},
    )
    connection = transaction.get_connection()
    if not any(call[1] is audit_seal for call in connection.run_on_commit):
        transaction.on_commit(audit_seal, robust=True)
    return event


def audit_seal() -> int:
    """Put every committed row that is not sealed at the end of the chain, then hand on what is new. Returns how
    many were sealed."""
    from apps.accounts.delivery import audit_deliver

    sealed = 0
    while batch := _seal_some():
        sealed += batch
    audit_deliver()
    return sealed


@transaction.atomic
def _seal_some() -> int:
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
