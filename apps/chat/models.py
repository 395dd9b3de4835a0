"""Conversations, their messages, and the sources that each answer was given."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.assistants.models import Assistant
from apps.cabinets.models import Cabinet, Document
from apps.chat.organising_models import ConversationFolder, Report, Share

__all__ = ["Conversation", "ConversationFolder", "Message", "MessageSource", "Report", "Share"]


class Conversation(models.Model):
    """A thread of one person. No cabinets chosen means: all that the person may read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=200, blank=True)
    # A key that is restricted to cabinets sees the conversations that it began, and no others.
    made_by_key = models.ForeignKey("accounts.ApiKey", models.SET_NULL, null=True, related_name="+")
    cabinets = models.ManyToManyField(Cabinet, blank=True, related_name="+")
    scope = models.JSONField(
        default=dict, blank=True
    )  # {"folder_ids": [], "document_ids": [], "as_of": date}
    model = models.CharField(max_length=200, blank=True)
    folder = models.ForeignKey(
        "chat.ConversationFolder", models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    assistant = models.ForeignKey(
        Assistant, models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    attachments = models.OneToOneField(  # a personal cabinet: apps/chat/attaching.py
        Cabinet, models.SET_NULL, null=True, blank=True, related_name="attached_to"
    )
    # The last message of the branch that is shown; empty: the newest one's.
    leaf = models.ForeignKey("chat.Message", models.SET_NULL, null=True, blank=True, related_name="+")
    # What was said up to and with that message, in short; asked of the model when it grows long.
    summary = models.TextField(blank=True)
    summary_upto = models.UUIDField(null=True, blank=True)
    rewrites = models.BooleanField(default=True)  # questions may be put in other words before searching
    pinned_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-updated_at", "id"]
        indexes = [models.Index(fields=["user", "-updated_at"])]

    def __str__(self) -> str:
        return self.title


class Message(models.Model):
    """A question or an answer. An answer is `complete` only when the model said why it finished.

    Messages are a tree: the parent of an answer is its question, that of a question the answer it follows.
    Asking in other words and answering anew add a sibling; see apps/chat/branches.py."""

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"

    class Status(models.TextChoices):
        STREAMING = "streaming"
        COMPLETE = "complete"
        INTERRUPTED = "interrupted"
        ERROR = "error"

    class Basis(models.TextChoices):
        DOCUMENTS = "documents"
        GENERAL = "general"  # of the model's own knowledge, asked for by a person and labelled as such

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="replies")
    role = models.CharField(max_length=10, choices=Role)
    status = models.CharField(max_length=12, choices=Status, default=Status.COMPLETE)
    content = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    model = models.CharField(max_length=200, blank=True)  # empty: the extractive answer
    finish_reason = models.CharField(max_length=40, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    usage = models.JSONField(default=dict, blank=True)
    timings_ms = models.JSONField(default=dict, blank=True)
    checks = models.JSONField(default=list, blank=True)
    rating = models.CharField(max_length=4, blank=True)
    reason = models.CharField(max_length=20, blank=True)  # why it was disliked: a key of apps.chat.feedback
    comment = models.TextField(blank=True)
    followups = models.JSONField(default=list, blank=True)  # questions to go on with: apps/chat/followups.py
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.DOCUMENTS)
    found = models.BooleanField(null=True, blank=True)  # whether the documents hold an answer, where judged
    searched = models.JSONField(default=list, blank=True)  # what was searched for, where not the question
    compared = models.UUIDField(null=True, blank=True)  # answers of several models to one question
    preferred = models.BooleanField(default=False)  # chosen among those compared
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["conversation", "created_at"]), models.Index(fields=["status"])]

    def __str__(self) -> str:
        return f"{self.role}: {self.content[:40]}"


class MessageSource(models.Model):
    """A numbered passage that was shown to the model, kept as it was then. `cited` once the answer
    used it; opening it re-checks the reader's rights on the document."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="sources")
    number = models.PositiveSmallIntegerField()
    document = models.ForeignKey(Document, models.SET_NULL, null=True, related_name="+")
    document_version = models.PositiveIntegerField(default=1)
    chunk_id = models.UUIDField()
    title = models.CharField(max_length=255)
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    headings = models.JSONField(default=list)
    page_start = models.PositiveIntegerField(null=True)
    page_end = models.PositiveIntegerField(null=True)
    boxes = models.JSONField(default=list)
    sheet = models.CharField(max_length=120, blank=True)
    cells = models.CharField(max_length=60, blank=True)
    quote = models.TextField(blank=True)
    score = models.FloatField(default=0)
    cited = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="source_number_once")]

    def __str__(self) -> str:
        return f"[{self.number}] {self.title}"
