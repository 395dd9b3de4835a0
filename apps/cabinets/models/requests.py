"""Somebody asks for access to what they cannot reach."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.cabinets.models.cabinet import Cabinet, Folder, Role


class AccessRequest(models.Model):
    """A wish for a role, until a manager decides. `target` is the id that was named, whatever it is: for what does
    not exist the row looks the same to its maker, so that asking tells nothing. `cabinet` and `folder` say where
    the role would be granted; without a cabinet nobody is asked."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    target = models.UUIDField()
    cabinet = models.ForeignKey(Cabinet, models.CASCADE, null=True, related_name="+")
    folder = models.ForeignKey(Folder, models.CASCADE, null=True, related_name="+")
    title = models.CharField(max_length=255, blank=True)  # of the document that was asked for, for managers
    role = models.CharField(max_length=12, choices=Role, default=Role.VIEWER)
    reason = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "target"], condition=Q(state="open"), name="one_open_request"
            )
        ]

    def __str__(self) -> str:
        where = [self.cabinet, self.folder, self.title]
        return " / ".join(str(part) for part in where if part) or str(self.target)
