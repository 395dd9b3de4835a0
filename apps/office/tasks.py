"""Celery's side of office writing: thin, ids only."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.office.hints import delivery_hint, notice_hint, work_hint


@shared_task(name="apps.office.tasks.work")
def work(job_id: str, **extra: object) -> None:
    """Do a job of office writing, if nobody else does."""
    from apps.office.working import job_do

    job_do(UUID(job_id))


@shared_task(name="apps.office.tasks.notice")
def notice(job_id: str, **extra: object) -> None:
    from apps.office.notices.jobs import job_do

    job_do(UUID(job_id))


@shared_task(name="apps.office.tasks.deliver")
def deliver(delivery_id: str, **extra: object) -> None:
    """One attempt at telling a webhook."""
    from apps.office.webhooks.sending import deliver as send

    send(UUID(delivery_id))


@shared_task(name="apps.office.tasks.sweep")
def sweep(**extra: object) -> None:
    """Jobs whose message was lost or whose worker died; readings that are old; the nightly training; what happened,
    for webhooks."""
    from apps.office.notices.jobs import jobs_waiting
    from apps.office.webhooks.sending import deliveries_due
    from apps.office.webhooks.services import collect
    from apps.office.working import swept

    for key in jobs_waiting():
        notice_hint(key)
    collect()
    for key in deliveries_due():
        delivery_hint(key)
    for key in swept():
        work_hint(key)
