"""REST: people as CSV, for administrators."""

from __future__ import annotations

from django.http import HttpRequest, StreamingHttpResponse
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile

from apps.accounts import people_csv
from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey

router = Router(tags=["accounts"])
SHOWN_ROWS = 500


class ImportRow(Schema):
    line: int
    username: str
    action: str
    changes: list[str]
    errors: list[str]


class ImportOut(Schema):
    applied: bool
    create: int
    update: int
    same: int
    error: int
    rows: list[ImportRow]


@router.get("/users.csv", summary="People as CSV (administrators)", response={200: None})
def users_export(request: HttpRequest):
    require_scope(request, ApiKey.Scope.ADMIN)
    answer = StreamingHttpResponse(list(people_csv.export()), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="people.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


@router.post("/users/import", response=ImportOut, summary="Take people over from CSV (administrators)")
def users_import(request: HttpRequest, file: File[UploadedFile], apply: Form[bool] = False):
    """Without `apply` it is a preview. The first 500 rows are told, those with errors before the others."""
    by = require_scope(request, ApiKey.Scope.ADMIN)
    rows = people_csv.read(file.read(people_csv.MOST_BYTES + 1))
    if apply:
        people_csv.apply(rows, by=by)
    counts = {name: sum(row.action == name for row in rows) for name in ("create", "update", "same", "error")}
    shown = sorted(rows, key=lambda row: (row.action != "error", row.line))[:SHOWN_ROWS]
    return {"applied": apply, **counts, "rows": shown}
