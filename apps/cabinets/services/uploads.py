"""Accepting files: the bytes are safe on disk and hashed before a row says so.

Originals are content-addressed (files/ab/abcdef…): written beside, fsynced, renamed, then the row is
committed. A message to the worker is only a hint sent on commit.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from apps.accounts.limits import consumption_add, require_upload
from apps.accounts.models import Clearance, User
from apps.accounts.services import audit_record
from apps.cabinets.hints import hint
from apps.cabinets.messages import sentence
from apps.cabinets.models import Document, DocumentVersion, Folder
from apps.cabinets.services.ingestion import document_requeue
from apps.cabinets.services.mails import require_independent
from apps.cabinets.services.metadata import metadata_apply
from apps.cabinets.services.names import clean_filename
from apps.cabinets.services.originals import (
    StoredFile,
    file_discard_if_unused,
    file_lock,
    file_store,
    require_bytes,
    version_record,
)
from apps.core.problems import Problem
from apps.rag.errors import ParseError


def document_upload(
    *,
    by: User,
    folder: Folder,
    upload: UploadedFile,
    metadata: dict | None = None,
    tags: list[str] | None = None,
) -> tuple[Document, bool]:
    """Store one file and queue it. Returns (document, created): the same bytes in the same folder
    answer the document that is there. Raises Problem with a sentence for this file alone."""
    filename, media_type, stored = _accept(upload)
    return document_register(
        by=by,
        folder=folder,
        filename=filename,
        media_type=media_type,
        stored=stored,
        metadata=metadata,
        tags=tags,
    )


def _accept(upload: UploadedFile) -> tuple[str, str, StoredFile]:
    """(file name, media type, bytes on disk) of an upload whose bytes are what its name says."""
    from apps.rag.parsing.sniff import media_type_for

    filename = clean_filename(upload.name or "")
    stored = file_store(upload.chunks())
    try:
        return filename, media_type_for(filename, stored.head), stored
    except ParseError as error:
        file_discard_if_unused(stored.sha256)
        status = 415 if error.code == "unsupported" else 422
        raise Problem(status, sentence(error.code), code=error.code) from error


def _require_room(by: User | None, stored: StoredFile) -> None:
    """Raises Problem 429 where the person's uploads or storage are used up; the bytes are not kept then."""
    if by is None:
        return
    try:
        require_upload(by, size=stored.size, stored=bytes_of)
    except Problem:
        file_discard_if_unused(stored.sha256)
        raise


def bytes_of(people: Collection[UUID] | QuerySet) -> int:
    """What these people have uploaded and is still kept, all versions."""
    kept = DocumentVersion.objects.filter(created_by__in=people)
    return kept.aggregate(total=Sum("size"))["total"] or 0


def document_register(
    *,
    by: User | None,
    folder: Folder,
    filename: str,
    media_type: str,
    stored: StoredFile,
    metadata: dict | None = None,
    tags: list[str] | None = None,
    tell: bool = True,
) -> tuple[Document, bool]:
    """The row of a stored file; the worker is told once it is committed, unless the sweeper shall find it."""
    same = Document.objects.filter(folder=folder, sha256=stored.sha256, parent=None).exclude(
        status="deleting"
    )
    if existing := same.first():
        return _readable(existing, by), False
    _require_room(by, stored)
    try:
        with file_lock(stored.sha256), transaction.atomic():
            require_bytes(stored.sha256)
            document = Document(
                cabinet_id=folder.cabinet_id,
                folder=folder,
                title=Path(filename).stem[:255] or filename,
                filename=filename,
                media_type=media_type,
                size=stored.size,
                sha256=stored.sha256,
                tags=tags or [],
                created_by=by,
                secrecy=_first_secrecy(folder, by),
            )
            if metadata:
                metadata_apply(document, metadata, by=by)
            document.save(force_insert=True)
            version_record(document, by=by)
            audit_record(by, action="document.upload", target=document, detail={"sha256": stored.sha256})
            if by is not None:
                consumption_add(by, uploads=1)
            if tell:
                transaction.on_commit(lambda: hint(document.pk))
    except IntegrityError:
        return _readable(same.get(), by), False  # the same file arrived twice at once
    return document, True


def _readable(existing: Document, by: User | None) -> Document:
    """Raises Problem 409 where the document with these bytes is above the clearance of who sends them again."""
    if by is not None and not by.is_superuser and existing.secrecy > by.clearance:
        raise Problem(409, _("This file cannot be added to this folder."), code="exists")
    return existing


def _first_secrecy(folder: Folder, by: User | None) -> int:
    """Internal, but never above what its maker may read; what is personal is nobody else's anyway."""
    if folder.cabinet.personal:
        return Clearance.PUBLIC
    if by is None or by.is_superuser:
        return Clearance.INTERNAL
    return min(Clearance.INTERNAL, by.clearance)


def document_add_version(document: Document, *, by: User, upload: UploadedFile) -> Document:
    """New bytes for a document. The old ones stay as a version and are served until the new are ready.
    Raises Problem 409 when the folder holds these bytes already."""
    require_independent(document)
    filename, media_type, stored = _accept(upload)
    _require_room(by, stored)
    try:
        with file_lock(stored.sha256), transaction.atomic():
            document = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
            if stored.sha256 == document.sha256:
                raise Problem(409, _("This is the same file as the current version."), code="same")
            require_bytes(stored.sha256)
            document.filename, document.media_type = filename, media_type
            document.size, document.sha256 = stored.size, stored.sha256
            document.version += 1
            document.depth = Document.Depth.NONE  # nothing of these bytes is served yet
            document.save(update_fields=["filename", "media_type", "size", "sha256", "version", "depth"])
            version_record(document, by=by)
            audit_record(by, action="document.version", target=document, detail={"version": document.version})
            consumption_add(by, uploads=1)
            return document_requeue(document, by=by)
    except IntegrityError:
        raise Problem(409, _("The same file is already in that folder."), code="exists") from None
