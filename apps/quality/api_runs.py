"""REST: runs of the golden questions, and two of them compared."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.cabinets import access
from apps.core.api import JobAnswer
from apps.core.pagination import paginate
from apps.quality import running, selectors
from apps.quality.comparing import Change, compare
from apps.quality.schemas import ComparisonOut, RunDetail, RunIn, RunList

router = Router(tags=["quality"])
READ, WRITE = ApiKey.Scope.DOCUMENTS_READ, ApiKey.Scope.DOCUMENTS_WRITE
BASE = "/cabinets/{uuid:cabinet_id}/golden-questions/runs"


@router.get(BASE, response=RunList, summary="Runs, newest first")
def runs(request: HttpRequest, cabinet_id: UUID, limit: int = 20, cursor: str | None = None):
    user = require_scope(request, READ)
    rows = selectors.runs_for(user, access.managed_cabinet_for(user, cabinet_id))
    items, following = paginate(rows, limit=limit, cursor=cursor, by="-created_at")
    return {"items": items, "next_cursor": following}


@router.post(BASE, response={202: JobAnswer}, summary="Ask all golden questions")
def run_start(request: HttpRequest, response: HttpResponse, cabinet_id: UUID, payload: RunIn):
    """The job's result names the run (`run_id`) and its totals."""
    user = require_scope(request, WRITE)
    cabinet = access.managed_cabinet_for(user, cabinet_id)
    run = running.run_start(by=user, cabinet=cabinet, label=payload.label, answers=payload.answers)
    response["Location"] = f"/api/v1/jobs/{run.job_id}"
    return Status(202, {"job": run.job})


@router.get("/golden-runs/{uuid:run_id}", response=RunDetail, summary="A run with each question")
def run(request: HttpRequest, run_id: UUID):
    return selectors.run_for(require_scope(request, READ), run_id)


@router.post("/golden-runs/{uuid:run_id}/cancel", response={204: None}, summary="Stop a run")
def run_cancel(request: HttpRequest, run_id: UUID):
    user = require_scope(request, WRITE)
    running.run_cancel(selectors.run_for(user, run_id), by=user)
    return Status(204, None)


@router.delete("/golden-runs/{uuid:run_id}", response={204: None})
def run_delete(request: HttpRequest, run_id: UUID):
    user = require_scope(request, WRITE)
    running.run_delete(selectors.run_for(user, run_id), by=user)
    return Status(204, None)


@router.get("/golden-runs/{uuid:run_id}/comparison", response=ComparisonOut, summary="Better and worse")
def run_comparison(request: HttpRequest, run_id: UUID, before: UUID | None = None):
    """With the run `before`, or the last one that ended before it."""
    user = require_scope(request, READ)
    after = selectors.run_for(user, run_id)
    other = selectors.run_for(user, before) if before else selectors.run_before(after)
    if other is None or other.cabinet_id != after.cabinet_id:
        raise Http404
    found = compare(other, after)
    return {
        "before": other,
        "after": after,
        "better": [_change(one) for one in found.better],
        "worse": [_change(one) for one in found.worse],
        "same_count": len(found.same),
        "only_in_one": [_change(one) for one in found.only_one],
        "differences": [
            {"name": name, "before": pair[0], "after": pair[1]} for name, pair in found.differences.items()
        ],
    }


def _change(change: Change) -> dict:
    return {"question": change.shown.text, "before": change.before, "after": change.after}
