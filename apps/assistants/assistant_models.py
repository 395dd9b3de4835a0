"""Assistants 助手: a way of answering that people make once and choose again."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.accounts.models import Department
from apps.cabinets.models import Cabinet


class Assistant(models.Model):
    """Instructions, cabinets and parameters under a name. It gives nobody a right: what it searches is cut
    to what the person who asks may read. Its maker and administrators change it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=60, unique=True, allow_unicode=True)
    description = models.CharField(max_length=300, blank=True)
    role = models.TextField(blank=True)
    task = models.TextField(blank=True)
    requirements = models.TextField(blank=True)
    supplement = models.TextField(blank=True)
    examples = models.JSONField(default=list, blank=True)  # [{"question": text, "answer": text}]
    questions = models.JSONField(default=list, blank=True)  # first questions on the empty page
    cabinets = models.ManyToManyField(Cabinet, blank=True, related_name="+")
    model = models.CharField(max_length=200, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="assistants")
    everyone = models.BooleanField(default=False)
    departments = models.ManyToManyField(Department, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
