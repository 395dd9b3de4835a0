"""A notice that was drafted: what was asked for, and the draft as it stands."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class Notice(models.Model):
    """Of one person alone. `request` is what was asked for, as JSON; `content` the draft (notices/draft.py);
    `written_by` "template", or the name of the chat model."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=400)
    request = models.JSONField(default=dict)
    content = models.JSONField(default=dict)
    written_by = models.CharField(max_length=200, default="template")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "office"
        ordering = ["-updated_at", "-id"]
        indexes = [models.Index(fields=["owner", "-updated_at"])]

    def __str__(self) -> str:
        return self.title
