"""The organisation: a tree of departments, groups across it, and people, who are in several of each."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from apps.accounts.models.keys import ApiKey

SEPARATOR = "/"  # between the names of a path; no name holds it


class Clearance(models.IntegerChoices):
    """How secret a document is, and up to which level a person may read. Small numbers in that order."""

    PUBLIC = 0, _("Public")
    INTERNAL = 1, _("Internal")
    CONFIDENTIAL = 2, _("Confidential")
    SECRET = 3, _("Secret")


class Source(models.TextChoices):
    """Who keeps a row: an administrator by hand, or a synchronisation that may take it away again."""

    HAND = "", _("By hand")
    CSV = "csv", _("CSV file")
    LDAP = "ldap", _("Directory")


class Department(models.Model):
    """A node of the tree. `tree` is "/id/id/", the ids from the top down to this one, so that a subtree is
    a prefix; `path` is the same in names ("Head office/Finance") and names the department everywhere.
    Write through apps.accounts.departments, which keeps both right."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=600, unique=True)
    tree = models.CharField(max_length=600, db_index=True)
    heads = models.ManyToManyField("accounts.User", blank=True, related_name="headed_departments")
    source = models.CharField(max_length=10, choices=Source, default=Source.HAND, blank=True)
    external_id = models.CharField(max_length=255, blank=True, db_index=True)  # in the source it came from
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.path


class Group(models.Model):
    """People from anywhere in the organisation under one name, such as the members of a project."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=10, choices=Source, default=Source.HAND, blank=True)
    external_id = models.CharField(max_length=255, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person. An administrator is `is_superuser`; `display_name` is what others see. `viewed_by` is the
    administrator who looks at the product with this person's eyes, in this request alone."""

    viewed_by: User | None = None

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    display_name = models.CharField(max_length=120, blank=True)
    departments = models.ManyToManyField(Department, blank=True, related_name="members")
    teams = models.ManyToManyField(Group, blank=True, related_name="members")  # `groups` is Django's own
    clearance = models.PositiveSmallIntegerField(choices=Clearance, default=Clearance.INTERNAL)
    language = models.CharField(max_length=10, blank=True)
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.SYSTEM)

    acting_key: ApiKey | None = None  # by which this person acts; set for one request (apps.accounts.auth)

    @property
    def only_cabinets(self) -> frozenset[uuid.UUID] | None:
        """The cabinets to which the key of this request is restricted; None: all that are the person's."""
        return self.acting_key.only_cabinets if self.acting_key is not None else None

    def __str__(self) -> str:
        return self.display_name or self.username
