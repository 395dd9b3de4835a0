"""Which index serves, and which documents may have left something behind in it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.cabinets.models.document import Document


class SearchIndex(models.Model):
    """A collection (or folder) of the vector store. `name` is added to the configured one; the empty
    name is the configured one itself. `embedder` is what its vectors were made with:
    {"BACKEND": path, "OPTIONS": {…}} without keys and without what only concerns one process.
    `chosen_over` is what the environment named when another embedder was chosen: the later of the two wishes
    counts. No row at all means: the configured collection, the configured embedder."""

    class State(models.TextChoices):
        BUILDING = "building"
        SERVING = "serving"
        FORMER = "former"

    name = models.CharField(max_length=60, unique=True, blank=True)
    state = models.CharField(max_length=10, choices=State)
    embedder = models.JSONField(default=dict)
    chosen_over = models.JSONField(null=True, blank=True)
    dimension = models.PositiveIntegerField()
    documents_done = models.PositiveIntegerField(default=0)
    documents_total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    switched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="serving"), name="one_index_serves"),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="building"), name="one_index_is_built"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or 'default'} ({self.state})"


class RerankerChoice(models.Model):
    """The last row is the reranker in use, as long as the environment still names what it named then."""

    reranker = models.JSONField()  # {"BACKEND": path, "OPTIONS": {…}}
    chosen_over = models.JSONField()
    chosen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.reranker.get("OPTIONS", {}).get("model", "lexical"))


class Leftover(models.Model):
    """A document of which generations that are not served may be left in the store, among the rows or on
    the disk. Written when a worker takes the document, removed once everything was cleared away."""

    document = models.OneToOneField(Document, models.CASCADE, primary_key=True, related_name="leftover")
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.document_id)
