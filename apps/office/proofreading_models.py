"""Proofread texts, what was found in them, words of the organisation and of people, and trained models."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.core.models import Job


class Proofreading(models.Model):
    """One text or file that was read. `text` is kept only while the chat model has yet to read it; `engines`
    says what each engine did, `options` is what was asked for."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="proofreadings")
    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="+")
    filename = models.CharField(max_length=255, blank=True)  # empty for a text
    media_type = models.CharField(max_length=20, blank=True)  # docx, txt, md, pdf
    text = models.TextField(blank=True)
    language = models.CharField(max_length=8, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    options = models.JSONField(default=dict)
    engines = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["owner", "-created_at"])]

    def __str__(self) -> str:
        return self.filename or str(self.pk)


class ProofFinding(models.Model):
    """A finding as apps/office/proofreading/types.py has it. `said` is {"title", "note"}, each by language;
    `suggestions` [{value, score}]; `conflicts` ids of findings that want something else in the same place."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        IGNORED = "ignored", _("Ignored")
        WHITELISTED = "whitelisted", _("Allowed from now on")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proofreading = models.ForeignKey(Proofreading, models.CASCADE, related_name="findings")
    number = models.PositiveIntegerField()
    offset = models.PositiveIntegerField()
    length = models.PositiveIntegerField()
    paragraph = models.PositiveIntegerField()
    text = models.TextField()
    context = models.JSONField(default=dict)  # {"text", "offset"}
    suggestions = models.JSONField(default=list)
    category = models.CharField(max_length=10)
    type = models.CharField(max_length=20)
    operation = models.CharField(max_length=10)
    severity = models.CharField(max_length=10)
    confidence = models.FloatField()
    rule_id = models.CharField(max_length=10)
    rule_version = models.CharField(max_length=10, default="1")
    basis = models.CharField(max_length=120, blank=True)
    engines = models.JSONField(default=list)
    said = models.JSONField(default=dict)
    sources = models.JSONField(default=list)
    conflicts = models.JSONField(default=list)
    fixable = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    chosen = models.TextField(blank=True)  # the suggestion that was accepted

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["proofreading", "number"], name="finding_once")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.text[:40]}"

    @property
    def message(self) -> str:
        return _said(self.said.get("title", {}))

    @property
    def explanation(self) -> str:
        note = _said(self.said.get("note", {}))
        return " ".join(part for part in (note, self.basis) if part)


def _said(by_language: dict[str, str]) -> str:
    language = "en" if (get_language() or "").startswith("en") else "zh"
    return by_language.get(language) or next(iter(by_language.values()), "")


class DictionaryEntry(models.Model):
    """A word: of a person, or of the organisation where `owner` is empty. `replacement` is what a pair turns
    the word into; `word` of a mute is a rule's id."""

    class Kind(models.TextChoices):
        ALLOW = "allow", _("Always right")
        PAIR = "pair", _("To be written otherwise")
        FORBID = "forbid", _("To be avoided")
        NAME = "name", _("A name")
        MUTE = "mute", _("A rule that is off")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="dictionary"
    )
    kind = models.CharField(max_length=6, choices=Kind)
    word = models.CharField(max_length=100)
    replacement = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind", "word"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "kind", "word"], name="word_once_a_person"),
            models.UniqueConstraint(fields=["kind", "word"], condition=Q(owner=None), name="word_once_here"),
        ]

    def __str__(self) -> str:
        return self.word


class ProofreaderModel(models.Model):
    """The statistical model that was trained from cabinets. Its files lie in DATA_DIR/proofreader/{id}; at
    most one is `active`. `curve` is [{gain, share}]: how many clean sentences a threshold touches."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="+")
    cabinets = models.JSONField(default=list)  # ids of those that it learned from
    fingerprint = models.CharField(max_length=64, blank=True)
    documents = models.PositiveIntegerField(default=0)
    characters = models.PositiveBigIntegerField(default=0)
    curve = models.JSONField(default=list)
    active = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["active"], condition=Q(active=True), name="one_active_proofreader"
            )
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d} {self.characters}"
