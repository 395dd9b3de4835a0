"""The bytes of documents, kept once under their hash, and the rows of versions that name them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets.models import Document, DocumentVersion
from apps.core.problems import Problem, disk_full
from apps.rag.durable import sync


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
    sync(target.parent)


@contextmanager
def file_lock(sha256: str) -> Iterator[None]:
    """Held while a row comes to name these bytes and while unused bytes are removed, in any process."""
    folder = settings.FILES_DIR / ".locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / sha256[:2]).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


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
