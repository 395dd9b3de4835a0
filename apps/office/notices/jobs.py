"""Notices that are written behind the caller's back: the row is there at once, a model's words come later."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.models import Job
from apps.core.problems import Problem
from apps.office.notices.models import Notice
from apps.office.notices.services import draft_for, notice_create
from apps.office.notices.writing import notice_begin, notice_written

logger = logging.getLogger(__name__)
KIND = "notice"
LOST = timedelta(minutes=1)  # a hint that nobody took
DEAD = timedelta(minutes=15)  # longer than any model may take
BATCH = 100


def job_start(*, by: User, request: dict[str, Any], writer: str, model: str) -> Job:
    """The draft of the blueprint is kept at once; raises Problem for bad input before there is a job."""
    draft, _precedents = draft_for(by, request)
    row = notice_create(by=by, request=request, draft=draft)
    detail = {"notice": str(row.pk), "writer": writer, "model": model}
    return Job.objects.create(kind=KIND, owner=by, detail=detail, stage="write")


def job_do(job_id: UUID) -> None:
    """Take the job if nobody has it, and write."""
    taken = Job.objects.filter(pk=job_id, kind=KIND, state=Job.State.QUEUED)
    if not taken.update(state=Job.State.RUNNING, progress=0.1, updated_at=timezone.now()):
        return None
    job = Job.objects.select_related("owner").get(pk=job_id)
    row = Notice.objects.filter(pk=job.detail["notice"], owner=job.owner).first()
    if row is None:
        return _end(job, error={"code": "not_found", "message": _("It is no longer there.")})
    try:
        done = async_to_sync(_write)(job, row)
    except Problem as problem:
        return _end(job, error={"code": problem.code, "message": str(problem.detail)})
    except Exception:
        logger.exception("notice %s could not be written", row.pk)
        return _end(
            job,
            error={"code": "internal", "message": _("The server could not do that. Try again in a moment.")},
        )
    return _end(job, result={"notice_id": str(done.pk), "url": f"/api/v1/notices/{done.pk}"})


async def _write(job: Job, row: Notice) -> Notice:
    asked = job.detail
    begun = await notice_begin(
        job.owner, row.request, writer=asked["writer"], model=asked["model"], notice=row
    )
    return await notice_written(begun)


def _end(job: Job, *, result: dict[str, Any] | None = None, error: dict[str, Any] | None = None) -> None:
    state = Job.State.FAILED if error else Job.State.SUCCEEDED
    running = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING)
    running.update(
        state=state, result=result or {}, error=error, progress=1.0, stage="", updated_at=timezone.now()
    )


def jobs_waiting() -> list[UUID]:
    """Jobs whose hint was lost; those whose worker died are ended."""
    now = timezone.now()
    dead = Job.objects.filter(kind=KIND, state=Job.State.RUNNING, updated_at__lt=now - DEAD)
    error = {
        "code": "worker_lost",
        "message": _("The worker stopped. The text of the template is kept; try again."),
    }
    dead.update(state=Job.State.FAILED, error=error, updated_at=now)
    waiting = Job.objects.filter(kind=KIND, state=Job.State.QUEUED, updated_at__lt=now - LOST)
    return list(waiting.values_list("pk", flat=True)[:BATCH])
