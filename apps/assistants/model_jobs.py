"""Work on models as jobs: asked for on the page or by a command beside a running server, done by a worker."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.assistants.hints import model_hint
from apps.assistants.library import entry_of
from apps.assistants.switching import can_undo, model_undo, model_use
from apps.core.models import Job
from apps.core.problems import Problem
from apps.rag import components
from apps.rag.errors import RagError
from apps.rag.models.errors import ModelFileError
from apps.rag.models.hub import Hub
from apps.rag.models.library import pull

logger = logging.getLogger(__name__)
KIND = "model"
STALE = timedelta(minutes=15)  # longer than a model takes to load and to answer
TELL_SECONDS = 1.0
Action = Literal["pull", "use", "undo"]
State = Job.State


def model_job(action: Action, name: str, *, by: User) -> Job:
    """Ask for work. Raises Problem 409 while other work on models goes on, 404 or 409 where it cannot be done."""
    _check(action, name)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        if current_job() is not None:
            raise Problem(409, _("Another model is being worked on. Wait until it is done."), code="busy")
        job = Job.objects.create(kind=KIND, owner=by, detail={"action": action, "name": name})
        audit_record(by, action=f"model.{action}.start", detail={"name": name})
        transaction.on_commit(lambda: model_hint(job.pk))
    return job


def _check(action: Action, name: str) -> None:
    if action == "undo":
        if not can_undo("reranker" if name == "reranker" else "embedder"):
            raise Problem(409, _("No other model was in use before."), code="no_former")
        return
    try:
        entry = entry_of(name)
    except ModelFileError as error:
        raise Problem(404, _("There is no such model."), code="not_found") from error
    if action == "pull" and not entry.can_be_pulled:
        raise Problem(409, _("This model is here already, or it cannot run here."), code="not_pullable")
    if action == "use" and (entry.in_use or not entry.is_here):
        raise Problem(
            409, _("This model is in use already, or it is not on this machine yet."), code="not_usable"
        )


def current_job() -> Job | None:
    """What is queued or being done now."""
    alive = Q(state=State.QUEUED) | Q(state=State.RUNNING, updated_at__gte=timezone.now() - STALE)
    return Job.objects.filter(alive, kind=KIND).order_by("created_at").first()


def last_job() -> Job | None:
    return Job.objects.filter(kind=KIND).order_by("-created_at").first()


def jobs_waiting() -> list[UUID]:
    """Nobody's: queued, or of a worker that has been silent for too long."""
    silent = Q(state=State.RUNNING, updated_at__lt=timezone.now() - STALE)
    found = Job.objects.filter(Q(state=State.QUEUED) | silent, kind=KIND).order_by("created_at")
    return list(found.values_list("pk", flat=True)[:10])


def model_job_cancel(job: Job) -> bool:
    """Work that runs notices at its next step; what was loaded is kept for the next time."""
    going = Job.objects.filter(pk=job.pk, state__in=[State.QUEUED, State.RUNNING])
    return bool(going.update(state=State.CANCELLED, updated_at=timezone.now()))


def model_job_do(job_id: UUID) -> bool:
    """Do one job. False when somebody else does it or it is done."""
    silent = Q(state=State.RUNNING, updated_at__lt=timezone.now() - STALE)
    taken = Job.objects.filter(Q(state=State.QUEUED) | silent, pk=job_id, kind=KIND)
    if not taken.update(state=State.RUNNING, updated_at=timezone.now()):
        return False
    job = Job.objects.select_related("owner").get(pk=job_id)
    try:
        result = _do(job)
    except Problem as problem:
        _end(job, State.FAILED, error={"code": problem.code, "message": str(problem.detail)})
    except RagError as error:
        state = State.CANCELLED if error.code == "cancelled" else State.FAILED
        _end(job, state, error={"code": error.code, "message": error.detail})
    except Exception:
        _end(job, State.FAILED, error={"code": "internal", "message": ""})
        raise
    else:
        _end(job, State.SUCCEEDED, result=result)
    return True


def _do(job: Job) -> dict[str, Any]:
    action, name = job.detail["action"], job.detail["name"]
    teller = Teller(job)
    if action == "pull":
        known = entry_of(name).known
        if known is None:
            raise ModelFileError(f"{name} is not in the catalogue.", code="model_absent")
        with Hub(settings.MODEL_HUB) as hub:
            model = pull(known, root=Path(settings.MODELS_DIR), hub=hub, progress=teller.bytes)
        audit_record(job.owner, action="model.pull", detail={"name": model.name, "origin": model.origin})
        return {"name": model.name, "size": model.size, "origin": model.origin}
    components.store()  # the process that does this must own the index
    if action == "undo":
        kind: Literal["embedder", "reranker"] = "reranker" if name == "reranker" else "embedder"
        return model_undo(kind, by=job.owner, on_progress=teller).as_json()
    return model_use(name, by=job.owner, on_progress=teller).as_json()


class Teller:
    """Writes progress about once a second, and notices that the job was cancelled."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._told = 0.0

    def bytes(self, done: int, total: int, path: str) -> None:
        self(done, total, "download")

    def __call__(self, done: int, total: int, stage: str) -> None:
        now = monotonic()
        if now - self._told < TELL_SECONDS and done < total:
            return
        self._told = now
        alive = Job.objects.filter(pk=self._job.pk, state=State.RUNNING)
        share = round(done / total, 4) if total else 0.0
        going = alive.update(progress=share, stage=stage, updated_at=timezone.now())
        connection.close()
        if not going:
            raise ModelFileError("It was cancelled. What was loaded is kept.", code="cancelled")


def _end(
    job: Job, state: str, *, result: dict[str, Any] | None = None, error: dict[str, str] | None = None
) -> None:
    if error:
        logger.warning("model job %s %s: %s", job.detail, state, error)
    Job.objects.filter(pk=job.pk).exclude(state=State.CANCELLED).update(
        state=state, stage="", progress=1, result=result or {}, error=error, updated_at=timezone.now()
    )
