"""A form that somebody built."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class OfficeForm(models.Model):
    """Of one person alone. `definition` is the form (forms/fields.py) as JSON, `brief` the description it came from,
    `open` the keys that the description left open."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="forms")
    title = models.CharField(max_length=100)
    brief = models.TextField(blank=True)
    definition = models.JSONField(default=dict)
    open = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "office"
        ordering = ["-updated_at", "-id"]
        indexes = [models.Index(fields=["owner", "-updated_at"])]

    def __str__(self) -> str:
        return self.title
