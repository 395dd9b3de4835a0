"""REST: archives that are unpacked into a folder."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status, UploadedFile

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.cabinets.api.cabinets import target_folder
from apps.cabinets.services.folders import folder_ensure_path
from apps.cabinets.services.imports import import_start
from apps.core.api import JobAnswer

router = Router(tags=["documents"])


class ImportForm(Schema):
    cabinet_id: UUID | None = None
    folder_id: UUID | None = None
    path: str = ""


@router.post("/imports", response={202: JobAnswer}, summary="Unpack a zip archive into a folder")
def import_archive(
    request: HttpRequest, response: HttpResponse, form: Form[ImportForm], archive: File[UploadedFile]
):
    """Folders are kept. The job's result says of each file whether it was accepted, was there already
    (`existing`) or was rejected and why; a job with rejected files ends as `partial`."""
    user = require_scope(request, ApiKey.Scope.DOCUMENTS_WRITE)
    folder = target_folder(user, cabinet_id=form.cabinet_id, folder_id=form.folder_id)
    if form.path:
        folder = folder_ensure_path(by=user, root=folder, path=form.path)
    job = import_start(by=user, folder=folder, archive=archive)
    response["Location"] = f"/api/v1/jobs/{job.pk}"
    return Status(202, {"job": job})
