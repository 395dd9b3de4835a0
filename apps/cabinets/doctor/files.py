"""I6 and I7: every row has its bytes, the bytes are what was uploaded, and nothing lies about without a row."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from apps.cabinets.doctor.common import wrong
from apps.cabinets.models import Document, DocumentVersion
from apps.cabinets.services.kept import kept_stale
from apps.cabinets.services.leftovers import scratch_abandoned
from apps.cabinets.services.originals import file_discard_if_unused
from apps.core.doctor import Finding, in_batches

GRACE_SECONDS = 3600  # an upload writes its file before its row
HEX = frozenset("0123456789abcdef")


def bytes_are_right(*, repair: bool) -> Iterator[Finding]:
    """I6: each accepted upload has its bytes, and they hash to what was recorded. What was lost comes
    back only from a backup; a wrong size in a row is mended."""
    for batch in in_batches(DocumentVersion.objects.select_related("document")):
        for version in batch:
            path = settings.FILES_DIR / version.sha256[:2] / version.sha256
            if not path.exists():
                continue  # I7 says so
            digest, size = _hash(path)
            if digest != version.sha256:
                detail = f"version {version.number} of {version.filename} was altered on the disk"
                yield Finding("I6", f"document {version.document_id}", f"{detail}: restore it from a backup")
            elif size != version.size:
                yield Finding("I6", f"document {version.document_id}", f"size {version.size}, the file has {size}",
                              _resize(version, size) if repair else "")  # fmt: skip
    for documents in in_batches(Document.objects.exclude(status=Document.Status.DELETING)):
        yield from _without_version(documents)


def _without_version(documents: list[Document]) -> Iterator[Finding]:
    named = set(
        DocumentVersion.objects.filter(document__in=documents).values_list("document_id", "number", "sha256")
    )
    for document in documents:
        if (document.pk, document.version, document.sha256) not in named and not _changed_meanwhile(document):
            yield Finding(
                "I6", f"document {document.pk}", f"no version row says its bytes ({document.version})"
            )


def _changed_meanwhile(document: Document) -> bool:
    same = Document.objects.filter(pk=document.pk, version=document.version, sha256=document.sha256)
    return not same.exists()


def _resize(version: DocumentVersion, size: int) -> str:
    DocumentVersion.objects.filter(pk=version.pk).update(size=size)
    Document.objects.filter(pk=version.document_id, sha256=version.sha256).update(size=size)
    return "size corrected"


def _hash(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def files_and_rows(*, repair: bool) -> Iterator[Finding]:
    """I7: no file without a row (past an hour's grace), no row without its file."""
    yield from _rows_without_files()
    yield from _originals_without_rows(repair=repair)
    yield from _previews_without_rows(repair=repair)
    for folder in scratch_abandoned():
        if _age(folder) > settings.LEASE_SECONDS + GRACE_SECONDS:
            yield Finding(
                "I7", str(folder.name), "scratch of a worker that is gone", _drop(folder) if repair else ""
            )
    for folder in kept_stale(older_than=GRACE_SECONDS):
        yield Finding("I7", folder.name, "a parsed result that nobody needs", _drop(folder) if repair else "")


def _rows_without_files() -> Iterator[Finding]:
    for batch in in_batches(DocumentVersion.objects.exclude(document__status="deleting")):
        for version in batch:
            if wrong(lambda version=version: _missing(version)):  # type: ignore[misc]
                detail = f"the file of version {version.number} ({version.filename}) is not on the disk"
                yield Finding("I7", f"document {version.document_id}", f"{detail}: restore it from a backup")


def _missing(version: DocumentVersion) -> str:
    exists = (settings.FILES_DIR / version.sha256[:2] / version.sha256).exists()
    live = DocumentVersion.objects.filter(pk=version.pk).exclude(document__status="deleting").exists()
    return "missing" if live and not exists else ""


def _originals_without_rows(*, repair: bool) -> Iterator[Finding]:
    for path in _children(settings.FILES_DIR):
        if path.is_file() and _age(path) > GRACE_SECONDS:
            yield Finding("I7", path.name, "an upload that was cut off", _drop(path) if repair else "")
        elif path.is_dir() and not path.name.startswith("."):
            yield from _unused(path, repair=repair)


def _unused(folder: Path, *, repair: bool) -> Iterator[Finding]:
    old = [path.name for path in _children(folder) if _age(path) > GRACE_SECONDS]
    for start in range(0, len(old), 500):
        names = old[start : start + 500]
        used = set(DocumentVersion.objects.filter(sha256__in=names).values_list("sha256", flat=True))
        for name in names:
            if name not in used:
                yield Finding(
                    "I7", name, "a file that no document names", _discard(folder / name) if repair else ""
                )


def _discard(path: Path) -> str:
    if len(path.name) == 64 and set(path.name) <= HEX:
        return "removed" if file_discard_if_unused(path.name) else ""
    return ""  # not of our making: said, never removed


def _previews_without_rows(*, repair: bool) -> Iterator[Finding]:
    for shelf in _children(settings.PARSED_DIR):
        for folder in _children(shelf):
            if _age(folder) > GRACE_SECONDS and not _is_document(folder.name):
                yield Finding("I7", folder.name, "previews of no document", _drop(folder) if repair else "")


def _is_document(name: str) -> bool:
    try:
        return Document.objects.filter(pk=UUID(name)).exists()
    except ValueError:
        return False


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir()) if folder.is_dir() else []
    except FileNotFoundError:
        return []


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _drop(path: Path) -> str:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return "removed"
