"""I10: no answer is being written for longer than an answer may take. I13: attachments have a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from apps.chat.attaching import orphans, orphans_clear
from apps.chat.models import Message
from apps.chat.services import messages_interrupt_stale
from apps.core.doctor import Finding

SWEEP_SECONDS = 240


def attachments_belong(*, repair: bool) -> Iterator[Finding]:
    """I13: nothing is attached to a conversation that is gone."""
    found = list(orphans_clear()) if repair else list(orphans()[:1000])
    for cabinet in found:
        yield Finding(
            "I13", f"cabinet {cabinet.pk}", "attached to no conversation", "cleared away" if repair else ""
        )


def answers_end(*, repair: bool) -> Iterator[Finding]:
    limit = timezone.now() - timedelta(seconds=settings.LLM_TIMEOUTS["total_s"] + SWEEP_SECONDS)
    stuck = list(Message.objects.filter(status=Message.Status.STREAMING, updated_at__lt=limit)[:1000])
    mended = "closed as interrupted" if repair and stuck and messages_interrupt_stale() else ""
    for message in stuck:
        yield Finding(
            "I10", f"message {message.pk}", f"streaming, silent since {message.updated_at:%F %T}", mended
        )
