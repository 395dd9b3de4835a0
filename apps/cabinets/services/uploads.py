"""Accepting files: the bytes are safe on disk and hashed before a row says so.

Originals are content-addressed (files/ab/abcdef…): written beside, fsynced, renamed, then the row is
committed. A message to the worker is only a hint sent on commit.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.limits import consumption_add, require_upload
from apps.accounts.models import Clearance, User
from apps.accounts.services import audit_record
from apps.cabinets.hints import hint
from apps.cabinets.messages import sentence
from apps.cabinets.models import Document, DocumentVersion, Folder
from apps.cabinets.services.cabinets import CONTROL
from apps.cabinets.services.metadata import metadata_apply
from apps.core.problems import Problem, disk_full, invalid
from apps.rag.errors import ParseError

MAX_NAME = 250  # below the 255 at which Django cuts a name before it gets here


@dataclass(frozen=True, slots=True)
class StoredFile:
    sha256: str
    size: int
    head: bytes


def file_store(chunks: Iterable[bytes]) -> StoredFile:
    """Write bytes to their content address, durably. Raises Problem 413 past MAX_UPLOAD_MB, 507 without room."""
    limit = settings.MAX_UPLOAD_MB * 1024 * 1024
    settings.FILES_DIR.mkdir(parents=True, exist_ok=True)
    partial = settings.FILES_DIR / f".{uuid.uuid4().hex}.part"
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        with partial.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    message = _("The file is larger than %(most)d MB.") % {"most": settings.MAX_UPLOAD_MB}
                    raise Problem(413, message, code="too_large")
                head = head or chunk[:8192]
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        _settle(partial, settings.FILES_DIR / digest.hexdigest()[:2] / digest.hexdigest())
    except OSError as error:
        if (problem := disk_full(error)) is None:
            raise
        raise problem from error
    finally:
        partial.unlink(missing_ok=True)
    return StoredFile(digest.hexdigest(), size, head)


def _settle(partial: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    os.replace(partial, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def file_lock(sha256: str) -> Iterator[None]:
    """Held while a row comes to name these bytes and while unused bytes are removed, in any process."""
    folder = settings.FILES_DIR / ".locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / sha256[:2]).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def clean_filename(raw: str) -> str:
    """The last part of what a browser or archive called the file, without control marks.

    Over-long names are refused rather than cut, since a cut name lies."""
    name = CONTROL.sub("", raw.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    if not name or name in {".", ".."}:
        raise invalid("file", _("The file has no name."))
    if len(name) > MAX_NAME or len(name.encode()) > 4 * MAX_NAME:
        raise invalid("file", _("The file name is longer than %(most)d characters.") % {"most": MAX_NAME})
    return name


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
    from apps.cabinets.services.attachments import require_independent
    from apps.cabinets.services.ingestion import document_requeue

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


def require_bytes(sha256: str) -> None:
    """A deletion of the same bytes may have come between writing them and the lock."""
    if not (settings.FILES_DIR / sha256[:2] / sha256).exists():
        raise Problem(
            503, _("The file was being deleted at the same moment. Upload it again."), retry_after=1
        )


def version_record(document: Document, *, by: User | None) -> DocumentVersion:
    """The row that keeps these bytes: no version names them, no file of them stays."""
    return DocumentVersion.objects.create(
        document=document,
        number=document.version,
        filename=document.filename,
        media_type=document.media_type,
        size=document.size,
        sha256=document.sha256,
        created_by=by,
        created_at=timezone.now(),
    )


def file_discard_if_unused(sha256: str, *, besides: UUID | None = None) -> bool:
    """Remove original bytes that no version names any more, those of the document `besides` aside."""
    with file_lock(sha256):
        if DocumentVersion.objects.filter(sha256=sha256).exclude(document=besides).exists():
            return False
        (settings.FILES_DIR / sha256[:2] / sha256).unlink(missing_ok=True)
    return True
