"""Golden questions of a cabinet, and the runs that ask them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.cabinets.models import Cabinet, Document
from apps.core.models import Job


class GoldenQuestion(models.Model):
    """A question whose right source is known. `passage` is text that the found passage holds, `words` what
    the answer holds; both may be empty. An unanswerable question expects that nothing is cited."""

    class Origin(models.TextChoices):
        TYPED = "typed", _("Written here")
        IMPORTED = "imported", _("Imported")
        ANSWER = "answer", _("From a good answer")
        SAMPLE = "sample", _("Sample")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cabinet = models.ForeignKey(Cabinet, models.CASCADE, related_name="golden_questions")
    question = models.TextField(max_length=2000)
    digest = models.CharField(max_length=64)  # SHA-256 of the folded question: once a cabinet
    answer = models.TextField(blank=True)
    passage = models.TextField(blank=True)
    words = models.JSONField(default=list, blank=True)
    unanswerable = models.BooleanField(default=False)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.TYPED)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["cabinet", "digest"], name="golden_question_once")]

    def __str__(self) -> str:
        return self.question[:80]


class GoldenTarget(models.Model):
    """A document that answers a question. `name` is its folder path and file name, by which it is found
    again after it was removed and uploaded anew."""

    question = models.ForeignKey(GoldenQuestion, models.CASCADE, related_name="targets")
    document = models.ForeignKey(Document, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=1300)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class GoldenRun(models.Model):
    """All questions of a cabinet, asked once. Its job is the state and the progress; `options` are the
    retrieval parameters, `environment` what else may change an outcome, `totals` the counts of the end."""

    class Answers(models.TextChoices):
        QUOTES = "quotes", _("Quotes, without a model")
        MODEL = "model", _("The chat model")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cabinet = models.ForeignKey(Cabinet, models.CASCADE, related_name="golden_runs")
    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="+")
    label = models.CharField(max_length=120, blank=True)
    answers = models.CharField(max_length=10, choices=Answers, default=Answers.QUOTES)
    options = models.JSONField(default=dict)
    environment = models.JSONField(default=dict)
    totals = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["cabinet", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.cabinet} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> str:
        if self.job is not None:
            return self.job.state
        return Job.State.SUCCEEDED if self.finished_at else Job.State.FAILED

    @property
    def percent(self) -> int:
        return round(100 * self.job.progress) if self.job is not None else 100 * bool(self.finished_at)


class GoldenResult(models.Model):
    """One question of a run, kept as it was asked. `rank` counts from 1 among the passages that an answer
    reads, None where none of the expected was there; `done_at` is None until it was asked.
    `found` is [{document_id, chunk_id, title, score, right}], best first."""

    run = models.ForeignKey(GoldenRun, models.CASCADE, related_name="results")
    question = models.ForeignKey(GoldenQuestion, models.SET_NULL, null=True, related_name="+")
    number = models.PositiveIntegerField()
    text = models.TextField()
    expected = models.JSONField(default=list)  # names
    unanswerable = models.BooleanField(default=False)
    rank = models.PositiveSmallIntegerField(null=True)
    cited = models.BooleanField(default=False)
    passed = models.BooleanField(default=False)
    fault = models.CharField(max_length=40, blank=True)
    found = models.JSONField(default=list)
    answer = models.TextField(blank=True)
    milliseconds = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="golden_result_once"),
            models.CheckConstraint(condition=Q(rank=None) | Q(rank__gte=1), name="golden_rank_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text[:60]}"
