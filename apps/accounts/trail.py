"""Writing into the audit trail, and holding it together.

A row is written in the transaction of its change. The chain is made right after that is committed, in a short
transaction of its own under one lock: rows of changes that run side by side would otherwise wait for each
other's end. What a crash leaves unsealed the next seal or the sweeper takes up.
"""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

from apps.accounts.chain import seal_some
from apps.accounts.delivery import audit_deliver
from apps.accounts.models import AuditEvent, User


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
        target_kind=(target._meta.model_name or "") if target is not None else "",
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
    sealed = 0
    while batch := seal_some():
        sealed += batch
    audit_deliver()
    return sealed
