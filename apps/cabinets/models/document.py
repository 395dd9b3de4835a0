"""Documents, their versions, and the chunks that are searched.

Truth is these rows and the original bytes; points in the vector store are projections of them.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Clearance
from apps.cabinets.models.cabinet import Cabinet, Folder
from apps.rag.parsing.notes import localise


class Document(models.Model):
    """A file in a cabinet and the state of its ingestion.

    `generation` is the one being made, `active_generation` the one that is served (None until the
    first is whole). A worker owns the row while `lease_token` is its own; every transition is one
    conditional UPDATE that names the token and the generation.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        PROCESSING = "processing", _("Processing")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        DELETING = "deleting", _("Deleting")

    class Stage(models.TextChoices):
        NONE = "", ""
        PARSE = "parse", _("Reading")
        CHUNK = "chunk", _("Splitting")
        EMBED = "embed", _("Embedding")
        INDEX = "index", _("Indexing")

    class Depth(models.TextChoices):
        NONE = "", ""
        BASIC = "basic", _("Basic")  # the text layer alone
        FULL = "full", _("Full")  # with recognised pages and ruled tables

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cabinet = models.ForeignKey(Cabinet, models.CASCADE, related_name="documents")
    folder = models.ForeignKey(Folder, models.PROTECT, related_name="documents")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="attachments")
    title = models.CharField(max_length=255)
    filename = models.CharField(max_length=255)
    media_type = models.CharField(max_length=120)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    version = models.PositiveIntegerField(default=1)
    secrecy = models.PositiveSmallIntegerField(choices=Clearance, default=Clearance.INTERNAL)

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.NONE, blank=True)
    progress = models.FloatField(default=0)
    pages_done = models.PositiveIntegerField(default=0)  # of what is being read: pages, slides or sheets
    pages_total = models.PositiveIntegerField(default=0)
    depth = models.CharField(
        max_length=10, choices=Depth, default=Depth.NONE, blank=True
    )  # of what is served
    deepening = models.BooleanField(default=False)  # what is queued or processed is the deep pass
    generation = models.PositiveIntegerField(default=1)
    active_generation = models.PositiveIntegerField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    priority = models.SmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.TextField(blank=True)
    error_retryable = models.BooleanField(default=False)
    warnings = models.JSONField(default=list, blank=True)
    timings_ms = models.JSONField(default=dict, blank=True)
    options = models.JSONField(default=dict, blank=True)  # parse and chunk settings of this document alone

    page_count = models.PositiveIntegerField(null=True, blank=True)
    chunk_count = models.PositiveIntegerField(default=0)
    language = models.CharField(max_length=10, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    suggested = models.JSONField(default=dict, blank=True)  # read from the text, not confirmed by anybody
    confirmed_at = models.DateTimeField(null=True, blank=True)
    tags = models.JSONField(default=list, blank=True)
    effective_on = models.DateField(null=True, blank=True)
    repealed_on = models.DateField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="supersedes"
    )

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True, db_index=True)  # when a worker last took it
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["cabinet", "status"]),
            models.Index(fields=["status", "priority", "queued_at"]),
            models.Index(fields=["folder", "title"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["folder", "sha256"],
                condition=~Q(status="deleting") & Q(parent=None),
                name="same_bytes_once_a_folder",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def notes(self) -> list[str]:
        """The warnings of reading, in the language of the page (each is kept in both)."""
        language = get_language() or settings.LANGUAGE_CODE
        return [localise(warning, language) for warning in self.warnings]

    @property
    def file_path(self) -> Path:
        return settings.FILES_DIR / self.sha256[:2] / self.sha256

    @property
    def is_deepened(self) -> bool:
        """Whether it is served and its second look waits or runs: ready, for everybody who asks."""
        return self.deepening and self.status in (self.Status.QUEUED, self.Status.PROCESSING)

    @property
    def shown_status(self) -> str:
        return self.Status.READY if self.is_deepened else self.status

    @property
    def is_searchable(self) -> bool:
        return self.active_generation is not None and self.status != self.Status.DELETING


class DocumentVersion(models.Model):
    """Bytes that a document had or has; the newest is repeated on the document itself."""

    document = models.ForeignKey(Document, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    filename = models.CharField(max_length=255)
    media_type = models.CharField(max_length=120)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="version_number_once")]

    def __str__(self) -> str:
        return f"{self.filename} v{self.number}"

    @property
    def file_path(self) -> Path:
        return settings.FILES_DIR / self.sha256[:2] / self.sha256


class Chunk(models.Model):
    """A passage of one generation of a document. The id is that of its point in the store;
    `boxes` is [[page, x0, y0, x1, y1]] in points, origin top left."""

    id = models.UUIDField(primary_key=True, editable=False)
    document = models.ForeignKey(Document, models.CASCADE, related_name="chunks")
    generation = models.PositiveIntegerField()
    index = models.PositiveIntegerField()
    text = models.TextField()
    headings = models.JSONField(default=list)
    page_start = models.PositiveIntegerField(null=True)
    page_end = models.PositiveIntegerField(null=True)
    boxes = models.JSONField(default=list)
    sheet = models.CharField(max_length=120, blank=True)
    cells = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=10, blank=True)
    enabled = models.BooleanField(default=True)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["document", "generation", "index"], name="chunk_index_once")
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.generation}:{self.index}"


class ChunkRevision(models.Model):
    """What a chunk said before a person changed it; number 1 is what was cut out of the file."""

    chunk = models.ForeignKey(Chunk, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["chunk", "number"], name="chunk_revision_once")]

    def __str__(self) -> str:
        return f"{self.chunk_id} r{self.number}"
