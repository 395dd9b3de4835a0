"""What people keep around their conversations: folders, links for colleagues, and questions for managers."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.cabinets.models import Cabinet


def new_token() -> str:
    return secrets.token_urlsafe(24)


class ConversationFolder(models.Model):
    """A folder of one person's list of conversations."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="conversation_folders")
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="conversation_folder_name_once")]

    def __str__(self) -> str:
        return self.name


class Share(models.Model):
    """A link by which colleagues read a conversation as it was up to `through`. What they see of it is
    decided by their own rights at each opening (apps/chat/sharing.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey("chat.Conversation", models.CASCADE, related_name="shares")
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    through = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(revoked_at=None), name="one_open_share"
            )
        ]

    def __str__(self) -> str:
        return str(self.conversation_id)


class Report(models.Model):
    """A question that a cabinet's managers should look at: its answer was disliked, or nothing was found.

    It stays when the conversation goes: question and comment were handed over. The answer is not kept
    here; managers see it only while it exists and they may read all that it rests on."""

    class Kind(models.TextChoices):
        DISLIKED = "disliked"
        UNANSWERED = "unanswered"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    message = models.ForeignKey(
        "chat.Message", models.SET_NULL, null=True, blank=True, related_name="reports"
    )
    cabinets = models.ManyToManyField(Cabinet, related_name="+")
    question = models.TextField()
    reason = models.CharField(max_length=20, blank=True)
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["message", "kind"], name="report_once")]
        indexes = [models.Index(fields=["done_at", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.kind}: {self.question[:40]}"
