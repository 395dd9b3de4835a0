"""Writing into the audit trail."""

from __future__ import annotations

from typing import Any

from django.db import models

from apps.accounts.models import AuditEvent, User


def audit_record(
    actor: User | None,
    *,
    action: str,
    target: models.Model | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add one row. Call it inside the transaction of the change that it records."""
    return AuditEvent.objects.create(
        actor=actor,
        actor_name=actor.username if actor else "system",
        action=action,
        target_kind=target._meta.model_name if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        target_name=str(target)[:255] if target is not None else "",
        detail=detail or {},
    )
