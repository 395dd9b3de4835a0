"""Limits, and what is used up of them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from apps.accounts.models.keys import ApiKey
from apps.accounts.models.people import Department, User


class Quota(models.Model):
    """The limits of one person, of a department with all below it together, or of one key; without any of the
    three: of each person that has no row of their own. None is no limit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.CharField(max_length=50, unique=True)  # the key of one of these, or "everyone"
    user = models.OneToOneField(User, models.CASCADE, null=True, related_name="quota")
    department = models.OneToOneField(Department, models.CASCADE, null=True, related_name="quota")
    key = models.OneToOneField(ApiKey, models.CASCADE, null=True, related_name="quota")
    requests_per_minute = models.PositiveIntegerField(null=True)
    tokens_per_day = models.PositiveBigIntegerField(null=True)
    uploads_per_day = models.PositiveIntegerField(null=True)
    storage_mb = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="quota_one_subject",
                condition=(Q(user=None) & Q(department=None))
                | (Q(user=None) & Q(key=None))
                | (Q(department=None) & Q(key=None)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user or self.department or self.key or "everyone")


class Consumption(models.Model):
    """One day of one person, by a key or (None) at the browser."""

    day = models.DateField()
    user = models.ForeignKey(User, models.CASCADE, related_name="consumption")
    key = models.ForeignKey(ApiKey, models.CASCADE, null=True, related_name="consumption")
    questions = models.PositiveBigIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)
    uploads = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "user", "key"], name="consumption_of_key_once"),
            models.UniqueConstraint(
                fields=["day", "user"], name="consumption_of_browser_once", condition=Q(key=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.user}"
