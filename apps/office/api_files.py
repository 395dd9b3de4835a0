"""REST: proofreading of files."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.core.api import JobAnswer
from apps.office.api_proofread import shown
from apps.office.files.report import policy, report_html
from apps.office.files.working import clean_docx, file_start, kept_text, tracked_docx
from apps.office.proofreading_schemas import ProofreadingOut
from apps.office.proofreading_selectors import file_for
from apps.office.reading import Asked

router = Router(tags=["office"])
OFFICE = ApiKey.Scope.OFFICE
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class FileOptions(Schema):
    language: str = "auto"
    profile: str = "balanced"
    kind: str = ""


@router.post("/proofread/files", response={202: JobAnswer}, summary="Proofread a file")
def proofread_file(
    request: HttpRequest, response: HttpResponse, file: File[UploadedFile], form: Form[FileOptions]
) -> Any:
    """.docx, .txt, .md or .pdf; .doc and .wps where LibreOffice is installed. The job's result has the addresses of the report, and of a Word file with
    tracked changes and of a clean one."""
    user = require_scope(request, OFFICE)
    profile = form.profile if form.profile in ("precise", "balanced") else "balanced"
    language = form.language.partition("-")[0]
    asked = Asked(language=language if language in ("zh", "en") else "auto", profile=profile, kind=form.kind)
    row = file_start(by=user, upload=file, asked=asked)
    response["Location"] = f"/api/v1/jobs/{row.job_id}"
    return Status(202, {"job": row.job})


@router.get(
    "/proofread/files/{uuid:reading_id}/report.json", response=ProofreadingOut, summary="Findings in a file"
)
def file_report(request: HttpRequest, reading_id: UUID, text: bool = False) -> Any:  # noqa: FBT001, FBT002 - ?text=
    """With ?text=true the text that the offsets count in."""
    row = file_for(require_scope(request, OFFICE), reading_id)
    return {**shown(row), "text": kept_text(row) if text else None}


@router.get("/proofread/files/{uuid:reading_id}/report.html", summary="Findings in a file, as a page")
def file_report_page(request: HttpRequest, reading_id: UUID) -> HttpResponse:
    """One page that stands alone, to be printed or filed."""
    row = file_for(require_scope(request, OFFICE), reading_id)
    title = f"{row.filename.rsplit('.', 1)[0]}（校对报告）.html"
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(title)}",
        "Content-Security-Policy": policy(),
        "X-Content-Type-Options": "nosniff",
    }
    page = report_html(row, request=request)
    return HttpResponse(page, content_type="text/html; charset=utf-8", headers=headers)


@router.get("/proofread/files/{uuid:reading_id}/tracked.docx", summary="The file with tracked changes")
def file_tracked(request: HttpRequest, reading_id: UUID) -> HttpResponse:
    row = file_for(require_scope(request, OFFICE), reading_id)
    return _word(tracked_docx(row), row.filename, "校对")


@router.get("/proofread/files/{uuid:reading_id}/clean.docx", summary="The file with repairs in place")
def file_clean(request: HttpRequest, reading_id: UUID) -> HttpResponse:
    row = file_for(require_scope(request, OFFICE), reading_id)
    return _word(clean_docx(row), row.filename, "清稿")


def _word(data: bytes, name: str, what: str) -> HttpResponse:
    title = f"{name.rsplit('.', 1)[0]}（{what}）.docx"
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(title)}",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type=WORD, headers=headers)
