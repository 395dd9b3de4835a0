"""Celery's side of chat."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="apps.chat.tasks.close_stale")
def close_stale(**extra: object) -> None:
    from apps.chat.attaching import orphans_clear
    from apps.chat.reporting import collect_unanswered
    from apps.chat.services import messages_interrupt_stale

    messages_interrupt_stale()
    list(orphans_clear())
    collect_unanswered()
