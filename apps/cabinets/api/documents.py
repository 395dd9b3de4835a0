"""REST: uploading, listing, changing and deleting documents."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey, User
from apps.cabinets import access, selectors
from apps.cabinets.api.cabinets import target_folder
from apps.cabinets.api.schemas import DocumentList, DocumentOut, DocumentPatch, Rejected, UploadOut
from apps.cabinets.api.schemas_records import VersionList
from apps.cabinets.api.schemas_rights import SecrecyIn
from apps.cabinets.models import Document, Role
from apps.cabinets.queue import queue_lines
from apps.cabinets.services import deletion, ingestion, queueing, uploads
from apps.cabinets.services import documents as services
from apps.cabinets.services.folders import folder_ensure_path
from apps.core.api import JobAnswer
from apps.core.pagination import paginate
from apps.core.problems import Problem, invalid

router = Router(tags=["documents"])
MOST_VERSIONS = 200
READ, WRITE = ApiKey.Scope.DOCUMENTS_READ, ApiKey.Scope.DOCUMENTS_WRITE


class UploadForm(Schema):
    cabinet_id: UUID | None = None
    folder_id: UUID | None = None
    path: str = ""
    metadata: str = ""
    tags: str = ""


class Filters(Schema):
    cabinet_id: UUID | None = None
    folder_id: UUID | None = None
    parent_id: UUID | None = None
    status: str = ""
    q: str = ""
    limit: int = 50
    cursor: str | None = None


@router.post("/documents", response={202: UploadOut}, summary="Upload one file or many")
def documents_upload(request: HttpRequest, form: Form[UploadForm], file: File[list[UploadedFile]]):
    user = require_scope(request, WRITE)
    folder = target_folder(user, cabinet_id=form.cabinet_id, folder_id=form.folder_id)
    metadata, tags = (
        _object(form.metadata),
        [tag.strip()[:60] for tag in form.tags.split(",") if tag.strip()][:50],
    )
    if len(file) > settings.MAX_FILES_PER_UPLOAD:
        raise Problem(
            413,
            _("At most %(most)d files at once.") % {"most": settings.MAX_FILES_PER_UPLOAD},
            code="too_many",
        )
    if form.path:
        folder = folder_ensure_path(by=user, root=folder, path=form.path)
    accepted, rejected, first = [], [], None
    for upload in file:
        try:
            document, _created = uploads.document_upload(
                by=user, folder=folder, upload=upload, metadata=metadata, tags=tags
            )
            accepted.append(document)
        except Problem as problem:
            first = first or problem
            rejected.append(_rejection(upload, problem))
    if not accepted and first is not None and len(file) == 1:
        raise first
    return Status(202, {"items": _with_places(accepted), "rejected": rejected})


def _rejection(upload: UploadedFile, problem: Problem) -> Rejected:
    name = (upload.name or "")[:300]
    return Rejected(filename=name, status=problem.status, code=problem.code, message=str(problem.detail))


def _object(raw: str) -> dict[str, Any]:
    if not raw:
        return {}
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or len(raw) > 20_000:
        raise invalid("metadata", _("metadata is a JSON object."))
    return value


def _with_places(documents: list[Document]) -> list[Document]:
    lines = queue_lines(documents)
    for document in documents:
        document.waiting = lines.get(document.pk)  # type: ignore[attr-defined]
    return documents


@router.get("/documents", response=DocumentList, summary="Documents that I may see, newest first")
def documents(request: HttpRequest, filters: Query[Filters]):
    user = require_scope(request, READ)
    cabinet = access.cabinet_for(user, filters.cabinet_id) if filters.cabinet_id else None
    folder = access.folder_for(user, filters.folder_id) if filters.folder_id else None
    if filters.status and filters.status not in Document.Status.values:
        raise invalid("status", _("Unknown status."))
    rows = selectors.documents_for(
        user, cabinet=cabinet, folder=folder, status=filters.status, query=filters.q
    )
    if filters.parent_id:
        rows = rows.filter(parent=access.document_for(user, filters.parent_id))
    items, following = paginate(rows, limit=filters.limit, cursor=filters.cursor, by="-created_at")
    return {"items": _with_places(items), "next_cursor": following}


@router.get("/documents/{uuid:document_id}", response=DocumentOut)
def document(request: HttpRequest, document_id: UUID):
    user = require_scope(request, READ)
    return _with_places([access.document_for(user, document_id)])[0]


@router.patch("/documents/{uuid:document_id}", response=DocumentOut, summary="Rename, move, describe")
def document_update(request: HttpRequest, document_id: UUID, payload: DocumentPatch):
    user = require_scope(request, WRITE)
    found = access.document_for(user, document_id, role=Role.CONTRIBUTOR)
    if payload.folder_id is not None:
        folder = access.folder_for(user, payload.folder_id, role=Role.CONTRIBUTOR)
        services.document_move(found, by=user, folder=folder)
    changed = payload.dict(exclude_unset=True, exclude={"folder_id"})
    if changed:
        services.document_describe(found, by=user, **changed)
    return _with_places([access.document_for(user, document_id)])[0]


@router.put("/documents/{uuid:document_id}/secrecy", response=DocumentOut, summary="Who is cleared for it")
def document_secrecy(request: HttpRequest, document_id: UUID, payload: SecrecyIn):
    """Contributors may raise it, as far as they may read themselves; managers may also lower it."""
    user = require_scope(request, WRITE)
    found = access.document_for(user, document_id, role=Role.CONTRIBUTOR)
    if payload.secrecy < found.secrecy:
        found = access.document_for(user, document_id, role=Role.MANAGER)
    return _with_places([services.document_classify(found, by=user, secrecy=payload.secrecy)])[0]


@router.delete(
    "/documents/{uuid:document_id}",
    response={202: JobAnswer},
    summary="Delete; the job's result is the receipt",
)
def document_delete(request: HttpRequest, response: HttpResponse, document_id: UUID):
    user = require_scope(request, WRITE)
    found = access.document_for(user, document_id, role=Role.CONTRIBUTOR)
    job = deletion.document_delete(found, by=user)
    response["Location"] = f"/api/v1/jobs/{job.pk}"
    return Status(202, {"job": job})


@router.post(
    "/documents/{uuid:document_id}/reindex", response={202: DocumentOut}, summary="Read and index again"
)
def document_reindex(request: HttpRequest, document_id: UUID):
    user = require_scope(request, WRITE)
    found = access.document_for(user, document_id, role=Role.CONTRIBUTOR)
    return Status(202, _with_places([ingestion.document_requeue(found, by=user)])[0])


@router.post(
    "/documents/{uuid:document_id}/cancel", response=DocumentOut, summary="Stop waiting or being read"
)
def document_cancel(request: HttpRequest, document_id: UUID):
    """The state is then failed with the code `cancelled`, and can be tried again. 409 when nothing runs."""
    user = require_scope(request, WRITE)
    found = access.document_for(user, document_id, role=Role.CONTRIBUTOR)
    return _with_places([queueing.document_cancel(found, by=user)])[0]


@router.get(
    "/documents/{uuid:document_id}/versions", response=VersionList, summary="The versions, newest first"
)
def versions(request: HttpRequest, document_id: UUID):
    """At most 200; `current` marks the one that is read and searched."""
    found = access.document_for(require_scope(request, READ), document_id)
    rows = list(found.versions.select_related("created_by")[:MOST_VERSIONS])
    for row in rows:
        row.current = row.number == found.version  # type: ignore[attr-defined]
    return {"items": rows}


@router.post(
    "/documents/{uuid:document_id}/versions", response={202: DocumentOut}, summary="Upload new bytes for it"
)
def document_version(request: HttpRequest, document_id: UUID, file: File[UploadedFile]):
    user: User = require_scope(request, WRITE)
    found = access.document_for(user, document_id, role=Role.CONTRIBUTOR)
    return Status(202, _with_places([uploads.document_add_version(found, by=user, upload=file)])[0])
