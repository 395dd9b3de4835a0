"""The audit trail: rows that are only ever added, and the end of the chain that holds them together."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils import timezone

from apps.accounts.models.people import User


class Appended(models.QuerySet):
    """Rows that this program neither changes nor removes. apps.accounts.trail writes the chain past it."""

    def update(self, **fields: Any) -> NoReturn:
        raise TypeError("The audit trail is only ever added to.")

    def delete(self) -> NoReturn:
        raise TypeError("The audit trail is only ever added to.")


class AuditEvent(models.Model):
    """One change or access, written in the transaction of the change itself.

    Once that is committed the row is sealed: it gets the next `number`, the hash of the row before it
    (`previous`) and its own (`hash`), so that a row changed, added between or taken away shows."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=60, db_index=True)
    target_kind = models.CharField(max_length=40, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_name = models.CharField(max_length=255, blank=True)
    detail = models.JSONField(default=dict)
    number = models.PositiveBigIntegerField(null=True, unique=True, editable=False)
    previous = models.CharField(max_length=64, blank=True, editable=False)
    hash = models.CharField(max_length=64, blank=True, editable=False)

    objects = Appended.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["target_id", "action"], name="audit_of_target")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.target_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The audit trail is only ever added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The audit trail is only ever added to.")


class AuditSeal(models.Model):
    """The end of the chain (one row), and how far it was handed to the file or syslog of settings.AUDIT_LOG."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)
    delivered = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.number} {self.hash[:12]}"
