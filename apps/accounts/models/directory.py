"""What the synchronisations with the directory did."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from apps.accounts.models.people import User


class DirectoryRun(models.Model):
    """One synchronisation: asked for, taken by a worker until `lease_until`, ended. `slot` is 1 until it has
    ended and then empty, so that there is one at a time. `detail` says what came of it, as numbers and names."""

    class Outcome(models.TextChoices):
        OPEN = ""
        DONE = "done"
        AWAY = "away"
        TOO_MANY = "too_many"
        FAILED = "failed"
        CUT_OFF = "cut_off"

    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now, db_index=True)
    taken_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    slot = models.PositiveSmallIntegerField(null=True, unique=True, default=1)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"{self.asked_at:%F %T} {self.outcome or 'open'}"
