"""API keys."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from apps.accounts.models.people import User


class ApiKey(models.Model):
    """A key of 256 random bits, shown once and kept as a SHA-256 hash."""

    class Scope(models.TextChoices):
        SEARCH = "search"
        CHAT = "chat"
        DOCUMENTS_READ = "documents:read"
        DOCUMENTS_WRITE = "documents:write"
        OFFICE = "office"
        ADMIN = "admin"
        IMPERSONATE = "impersonate"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=12)
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
