"""REST: long jobs."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Schema

from apps.core.models import Job

router = Router(tags=["jobs"])


def json_answer(data: Any) -> HttpResponse:
    """Plain data (dicts, lists, numbers, texts, dates, UUIDs) as it is; for answers that are asked for often. What a
    caller sent and is told again may hold numbers that the quick encoder does not write, above 64 bits."""
    try:
        told = orjson.dumps(data, option=orjson.OPT_UTC_Z)
    except orjson.JSONEncodeError:
        told = json.dumps(data, cls=DjangoJSONEncoder).encode()
    return HttpResponse(told, content_type="application/json")


class JobOut(Schema):
    id: UUID
    kind: str
    state: str
    progress: float
    stage: str
    error: dict[str, Any] | None
    result: dict[str, Any]
    result_url: str | None
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_result_url(job: Job) -> str | None:
        return f"/api/v1/jobs/{job.pk}" if job.state == Job.State.SUCCEEDED else None


class JobAnswer(Schema):
    job: JobOut


@router.get("/jobs/{uuid:job_id}", response=JobAnswer, summary="State of a long job")
def job_state(request: HttpRequest, job_id: UUID):
    assert request.user.is_authenticated  # the interface lets nobody else in
    job = Job.objects.filter(owner=request.user, pk=job_id).first()
    if job is None:
        raise Http404
    return {"job": job}
