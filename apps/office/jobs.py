"""Jobs of office writing: taken once, by a conditional update, and ended once."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.core.models import Job

logger = logging.getLogger(__name__)
State = Job.State
STALE = timedelta(minutes=15)  # without a word from its worker: it died
FILE, MODEL, TRAIN = "proofread-file", "proofread-model", "train-proofreader"
KINDS = (FILE, MODEL, TRAIN)


def takeable(kinds: tuple[str, ...] = KINDS) -> QuerySet[Job]:
    """Jobs that nobody has, or whose worker has been silent for too long."""
    silent = Q(state=State.RUNNING, updated_at__lt=timezone.now() - STALE)
    return Job.objects.filter(Q(state=State.QUEUED) | silent, kind__in=kinds)


def job_take(key: UUID) -> Job | None:
    """The job, now running, or None where another worker has it or it is over."""
    if not takeable().filter(pk=key).update(state=State.RUNNING, updated_at=timezone.now()):
        return None
    return Job.objects.select_related("owner").get(pk=key)


def job_step(job: Job, *, stage: str, progress: float) -> bool:
    """False where it was cancelled meanwhile."""
    running = Job.objects.filter(pk=job.pk, state=State.RUNNING)
    return bool(running.update(stage=stage, progress=round(progress, 3), updated_at=timezone.now()))


def job_end(job: Job, *, result: dict[str, Any] | None = None, error: dict[str, Any] | None = None) -> None:
    """Failed where an error {code, message} is given."""
    values: dict[str, Any] = {"stage": "", "error": error, "updated_at": timezone.now()}
    values["state"] = State.FAILED if error else State.SUCCEEDED
    if not error:
        values |= {"progress": 1.0, "result": result or {}}
    Job.objects.filter(pk=job.pk, state=State.RUNNING).update(**values)
