"""REST: does everything still agree — the last examination, and asking for one (administrators)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.cabinets.doctor.jobs import examination_start
from apps.cabinets.selectors_examination import examination_state
from apps.core.api import JobAnswer

router = Router(tags=["operations"])


class InvariantOut(Schema):
    """`findings` are at most ten of `count`."""

    code: str
    title: str
    state: Literal["holds", "found", "mended", "unknown"]
    count: int
    mended: int
    findings: list[dict[str, Any]]


class ExaminationOut(Schema):
    """`checked_at` is null before the first; `healthy` says that nothing wrong was left."""

    healthy: bool
    running: bool
    checked_at: datetime | None
    repaired: bool
    invariants: list[InvariantOut]


class ExaminationIn(Schema):
    repair: bool = False


@router.get("/examination", response=ExaminationOut, summary="What the last examination found")
def examination(request: HttpRequest):
    require_scope(request, ApiKey.Scope.ADMIN)
    state = examination_state()
    return {
        "healthy": state.healthy,
        "running": state.running is not None,
        "checked_at": state.last.updated_at if state.last else None,
        "repaired": bool(state.last and state.last.detail.get("repair")),
        "invariants": state.invariants,
    }


@router.post("/examination", response={202: JobAnswer}, summary="Check all invariants, and mend on request")
def examination_ask(request: HttpRequest, response: HttpResponse, payload: ExaminationIn):
    """One at a time: while one waits or runs, that one's job is answered."""
    by = require_scope(request, ApiKey.Scope.ADMIN)
    job = examination_start(by=by, repair=payload.repair)
    response["Location"] = f"/api/v1/jobs/{job.pk}"
    return Status(202, {"job": job})
