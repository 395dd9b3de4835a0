"""Ways in: identities of other systems, the second step, and the devices that are signed in."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.people import User


class Identity(models.Model):
    """Somebody as a provider knows them: `subject` never changes there, names do."""

    user = models.ForeignKey(User, models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once")]

    def __str__(self) -> str:
        return f"{self.user} at {self.issuer}"


class TwoStep(models.Model):
    """The authenticator of one person (RFC 6238); it counts once `confirmed_at` is set."""

    user = models.OneToOneField(User, models.CASCADE, related_name="two_step")
    secret = models.TextField()  # encrypted
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)  # of the last code taken: none is taken twice

    def __str__(self) -> str:
        return f"two-step of {self.user}"


class SignInRule(models.Model):
    """For whom the second step is compulsory (one row)."""

    class Whom(models.TextChoices):
        NOBODY = "", _("Each person decides")
        ADMINISTRATORS = "administrators", _("Administrators need one")
        EVERYBODY = "everybody", _("Everybody needs one")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    whom = models.CharField(max_length=20, choices=Whom, default=Whom.NOBODY, blank=True)
    providers_too = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"second step: {self.whom or 'nobody'}"


class RecoveryCode(models.Model):
    """Signs in once without the authenticator."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "hash"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code of {self.user}"


class Device(models.Model):
    """A browser that is signed in. Its session is the truth; this row says what to call it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.user} at {self.address}"
