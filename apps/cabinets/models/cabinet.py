"""Cabinets, their folders, and who may do what in them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Each role may do what those before it may."""

    VIEWER = "viewer", _("Viewer")
    CONTRIBUTOR = "contributor", _("Contributor")
    MANAGER = "manager", _("Manager")

    @classmethod
    def at_least(cls, role: str) -> list[str]:
        order = list(cls.values)
        return order[order.index(role) :]


class Cabinet(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True, allow_unicode=True)
    description = models.TextField(blank=True, max_length=2000)
    options = models.JSONField(
        default=dict, blank=True
    )  # chunk settings of this cabinet, and what kind it is
    retrieval = models.JSONField(default=dict, blank=True)  # how it is searched: apps/cabinets/tuning.py
    suggestions = models.JSONField(default=dict, blank=True)  # {"zh": [questions], "en": [questions]}
    # What one person attached to a conversation: theirs alone, administrators included, and in no list.
    personal = models.BooleanField(default=False)
    # Another number whenever its folders or grants change: what is remembered of them is remembered by it.
    rights = models.BigIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Folder(models.Model):
    """A folder; each cabinet has one root (no parent, empty name). `tree` is "/id/id/", the ids from
    the root down to the folder itself, so that a subtree is a prefix; `path` is the same in names.

    A folder that does not `inherit` is reached by its own grants and by the managers of the cabinet alone;
    `closed` says that it or one above it is such a folder. Kept by apps.cabinets.services.reach."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cabinet = models.ForeignKey(Cabinet, models.CASCADE, related_name="folders")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    name = models.CharField(max_length=120, blank=True)
    path = models.CharField(max_length=1000, blank=True)
    tree = models.CharField(max_length=800, db_index=True)
    inherits = models.BooleanField(default=True)
    closed = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="folder_name_once"),
            models.UniqueConstraint(fields=["cabinet"], condition=Q(parent=None), name="cabinet_one_root"),
        ]

    def __str__(self) -> str:
        return self.path or "/"

    @property
    def is_root(self) -> bool:
        return self.parent_id is None


class Reach(models.Model):
    """Grants on the folder `source` hold in `folder`: it is the same or lies below, and no folder between
    them breaks the inheritance. A projection of the tree, so that the gate is one join; the root of a
    cabinet is no source, since what is granted on it is granted on the cabinet."""

    folder = models.ForeignKey(Folder, models.CASCADE, related_name="reached_by")
    source = models.ForeignKey(Folder, models.CASCADE, related_name="reaches")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["folder", "source"], name="reach_once")]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.folder_id}"


class Grant(models.Model):
    """A role in a cabinet (`folder` None), or in one folder and what inherits from it, for one subject. A
    department stands for all its people and those of the departments below it. A viewer without `download`
    reads and searches, and does not get the originals; the other roles always do."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cabinet = models.ForeignKey(Cabinet, models.CASCADE, related_name="grants")
    folder = models.ForeignKey(Folder, models.CASCADE, null=True, blank=True, related_name="grants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="grants"
    )
    department = models.ForeignKey(
        "accounts.Department", models.CASCADE, null=True, blank=True, related_name="grants"
    )
    group = models.ForeignKey("accounts.Group", models.CASCADE, null=True, blank=True, related_name="grants")
    everyone = models.BooleanField(default=False)
    role = models.CharField(max_length=12, choices=Role)
    download = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(user__isnull=False, department__isnull=True, group__isnull=True, everyone=False)
                    | Q(user__isnull=True, department__isnull=False, group__isnull=True, everyone=False)
                    | Q(user__isnull=True, department__isnull=True, group__isnull=False, everyone=False)
                    | Q(user__isnull=True, department__isnull=True, group__isnull=True, everyone=True)
                ),
                name="grant_one_subject",
            ),
        ]
        indexes = [models.Index(fields=["everyone", "cabinet"], name="grant_of_everyone")]

    def __str__(self) -> str:
        return f"{self.subject} {self.role}"

    @property
    def subject(self) -> str:
        if self.user is not None:
            return f"user:{self.user.username}"
        if self.department is not None:
            return f"department:{self.department.path}"
        if self.group is not None:
            return f"group:{self.group.name}"
        return "everyone"
