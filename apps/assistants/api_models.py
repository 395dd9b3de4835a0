"""REST for administrators: embedding and reranking models."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.accounts.services import audit_record
from apps.assistants.library import Entry, entries, entry_of
from apps.assistants.model_jobs import KIND, current_job, model_job, model_job_cancel
from apps.core.api import JobAnswer, JobOut
from apps.core.models import Job
from apps.core.problems import Problem
from apps.rag.models.errors import ModelFileError
from apps.rag.models.library import remove

router = Router(tags=["models"])


class ModelOut(Schema):
    """`size_mb` and `memory_mb` in MB of 10⁶ bytes, null where nobody is sure."""

    name: str
    kind: Literal["embedder", "reranker"]
    in_use: bool
    installed: bool
    can_be_pulled: bool
    languages: list[str]
    licence: str
    dimension: int | None
    context_tokens: int | None
    size_mb: int | None
    memory_mb: int | None


class ModelList(Schema):
    items: list[ModelOut]
    next_cursor: str | None = None
    job: JobOut | None


class UndoIn(Schema):
    kind: Literal["embedder", "reranker"] = "embedder"


@router.get("/models", response=ModelList, summary="Embedding and reranking models (administrators)")
def models(request: HttpRequest):
    require_scope(request, ApiKey.Scope.ADMIN)
    return {"items": [_shown(entry) for entry in entries()], "next_cursor": None, "job": current_job()}


@router.post("/models/undo", response={202: JobAnswer}, summary="Back to the model in use before")
def undo(request: HttpRequest, response: HttpResponse, payload: UndoIn):
    by = require_scope(request, ApiKey.Scope.ADMIN)
    return _accepted(response, model_job("undo", payload.kind, by=by))


@router.post("/models/{name}/pull", response={202: JobAnswer}, summary="Load a model of the catalogue")
def model_pull(request: HttpRequest, response: HttpResponse, name: str):
    by = require_scope(request, ApiKey.Scope.ADMIN)
    return _accepted(response, model_job("pull", name, by=by))


@router.post("/models/{name}/use", response={202: JobAnswer}, summary="Take a model into use")
def model_use(request: HttpRequest, response: HttpResponse, name: str):
    by = require_scope(request, ApiKey.Scope.ADMIN)
    return _accepted(response, model_job("use", name, by=by))


@router.delete("/models/{name}", response={204: None}, summary="Remove a model's files")
def model_remove(request: HttpRequest, name: str):
    by = require_scope(request, ApiKey.Scope.ADMIN)
    try:
        entry = entry_of(name)
    except ModelFileError:
        raise Http404 from None
    if entry.files is None:
        raise Http404
    if entry.in_use or current_job() is not None:
        raise Problem(409, _("The model is in use, or models are being worked on."), code="busy")
    remove(entry.files)
    audit_record(by, action="model.remove", detail={"name": entry.name})
    return Status(204, None)


@router.post("/model-jobs/{uuid:job_id}/cancel", response=JobAnswer, summary="Cancel work on a model")
def model_cancel(request: HttpRequest, job_id: UUID):
    require_scope(request, ApiKey.Scope.ADMIN)
    job = Job.objects.filter(pk=job_id, kind=KIND).first()
    if job is None:
        raise Http404
    model_job_cancel(job)
    job.refresh_from_db()
    return {"job": job}


def _accepted(response: HttpResponse, job: Job):
    response["Location"] = f"/api/v1/jobs/{job.pk}"
    return Status(202, {"job": job})


def _shown(entry: Entry) -> dict:
    known, files = entry.known, entry.files
    return {
        "name": entry.name,
        "kind": entry.kind,
        "in_use": entry.in_use,
        "installed": entry.is_here,
        "can_be_pulled": entry.can_be_pulled,
        "languages": list(known.languages) if known else [],
        "licence": known.licence if known else "",
        "dimension": known.dimension if known else files.dimension if files else None,
        "context_tokens": known.context_tokens if known else None,
        "size_mb": files.size // 1_000_000 if files else known.size_mb if known else None,
        "memory_mb": known.memory_mb if known else None,
    }
