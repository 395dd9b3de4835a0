"""Examinations as jobs: asked for by a command or a night, done by the process that can reach the store.

The embedded index belongs to the serving process. A command beside it leaves a row, the server does the work.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.cabinets.hints import examination_hint
from apps.core.doctor import report
from apps.core.models import Job

logger = logging.getLogger(__name__)
KIND = "doctor"
NIGHT_HOUR = 3  # of TIME_ZONE
LONGEST = timedelta(hours=6)
State = Job.State


def examination_request(*, by: User, repair: bool = False) -> Job:
    return Job.objects.create(kind=KIND, owner=by, detail={"repair": repair})


@transaction.atomic
def examination_start(*, by: User, repair: bool) -> Job:
    """What an administrator asks for on a page or by REST. The one that waits or runs is answered instead of
    a second, except that a mere look which still waits becomes a repair."""
    open_jobs = Job.objects.select_for_update().filter(kind=KIND, state__in=[State.QUEUED, State.RUNNING])
    job = open_jobs.order_by("created_at").first()
    if job is None or (repair and job.state == State.RUNNING and not job.detail.get("repair")):
        job = examination_request(by=by, repair=repair)
    elif repair and not job.detail.get("repair"):
        job.detail = {**job.detail, "repair": True}
        job.save(update_fields=["detail", "updated_at"])
    audit_record(by, action="examination.request", target=job, detail={"repair": repair})
    transaction.on_commit(lambda: examination_hint(job.pk))
    return job


def examinations_do() -> int:
    """Do what was asked for, each job by one process. How many were done here."""
    now = timezone.now()
    Job.objects.filter(kind=KIND, state=State.RUNNING, updated_at__lt=now - LONGEST).update(
        state=State.FAILED, error={"code": "interrupted"}, updated_at=now
    )
    done = 0
    for key in list(Job.objects.filter(kind=KIND, state=State.QUEUED).values_list("pk", flat=True)[:10]):
        taken = Job.objects.filter(pk=key, state=State.QUEUED)
        if taken.update(state=State.RUNNING, updated_at=timezone.now()):
            _do(Job.objects.get(pk=key))
            done += 1
    return done


def _do(job: Job) -> None:
    try:
        result = report(repair=bool(job.detail.get("repair")))
    except Exception:
        Job.objects.filter(pk=job.pk).update(
            state=State.FAILED, error={"code": "internal"}, updated_at=timezone.now()
        )
        raise
    _tell(result)
    Job.objects.filter(pk=job.pk).update(
        state=State.SUCCEEDED, progress=1, result=result, updated_at=timezone.now()
    )


def _tell(result: dict[str, Any]) -> None:
    for finding in result["findings"][:50]:
        logger.warning("doctor: %(invariant)s %(subject)s: %(detail)s %(mended)s", finding)


def examination_nightly() -> Job | None:
    """Ask for one a night. It looks and mends nothing: after a restore from a backup, what seems to be left
    over may be what a person still needs."""
    now = timezone.localtime()
    tonight = now.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    if now < tonight:
        return None
    asked = Q(created_at__gte=tonight) | Q(state__in=[State.QUEUED, State.RUNNING])
    if Job.objects.filter(asked, kind=KIND).exists():
        return None
    by = User.objects.filter(is_superuser=True, is_active=True).order_by("date_joined").first()
    return examination_request(by=by) if by else None
