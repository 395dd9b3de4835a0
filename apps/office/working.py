"""What the worker does: one place that knows which kind of job is whose."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from apps.core.models import Job
from apps.core.problems import Problem
from apps.office import jobs
from apps.office.files.working import file_do
from apps.office.model_layer import model_do
from apps.office.training.building import train_do, train_nightly

logger = logging.getLogger(__name__)
WORK: dict[str, Callable[[Job], None]] = {jobs.FILE: file_do, jobs.MODEL: model_do, jobs.TRAIN: train_do}


def job_do(key: UUID) -> bool:
    """False when another worker is at it or it is over. A fault ends the job with a sentence."""
    job = jobs.job_take(key)
    if job is None:
        return False
    with translation.override(job.owner.language or settings.LANGUAGE_CODE):
        try:
            WORK[job.kind](job)
        except Problem as problem:
            jobs.job_end(job, error={"code": problem.code, "message": str(problem.detail)})
        except Exception:
            told = _("It stopped at a fault of this program.")
            jobs.job_end(job, error={"code": "internal", "message": told})
            raise
    return True


def swept() -> list[UUID]:
    train_nightly()
    return list(jobs.takeable().order_by("created_at").values_list("pk", flat=True)[:100])
