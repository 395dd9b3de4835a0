"""API keys."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from apps.accounts.models.people import User


class ApiKey(models.Model):
    """A key of 256 random bits, shown once and kept as a SHA-256 hash.

    A `signed` key is never sent: requests carry a signature made with it, so its secret must be read again
    and is kept encrypted. After a rotation the secret before it works until `previous_until`."""

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
    cabinet_ids = models.JSONField(default=list)  # empty: all cabinets of the owner
    signed = models.BooleanField(default=False)
    signing_secret = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64, blank=True, db_index=True)
    previous_signing_secret = models.TextField(blank=True)
    previous_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def only_cabinets(self) -> frozenset[uuid.UUID] | None:
        return frozenset(map(uuid.UUID, self.cabinet_ids)) if self.cabinet_ids else None

    @property
    def is_live(self) -> bool:
        """Neither revoked nor expired, and its owner is active."""
        over = self.expires_at is not None and self.expires_at <= timezone.now()
        return not over and self.revoked_at is None and self.user.is_active


class UsedNonce(models.Model):
    """A signed request that was accepted: the same is never accepted again."""

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "nonce"], name="nonce_once")]

    def __str__(self) -> str:
        return f"{self.key_id} {self.nonce}"
