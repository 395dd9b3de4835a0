"""What was parsed is kept until it is served: when the model or the store fails, the file is not read again.

A folder is named by the document and by all that the result follows from: the bytes, the kind, the settings and
the version of the readers. It comes into being whole, by a rename.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from apps.cabinets.models import Document
from apps.cabinets.services.leftovers import parsed_folder
from apps.rag.errors import ParseError
from apps.rag.prepared import FILES, VERSION, Prepared, prepared_in
from apps.rag.sandbox import Depth
from apps.rag.types import SourceFile

KEPT_SECONDS = 7 * 24 * 3600  # of a document that failed, for whoever tries it again
MOST = 10_000
Status = Document.Status


def elements_path(document_id: UUID, generation: int) -> Path:
    return parsed_folder(document_id) / f"{generation}.json"


def shelf() -> Path:
    return settings.DATA_DIR / "kept"


def kept_folder(document: Document, *, depth: Depth) -> Path:
    """Where the result for these bytes and settings lies, whether it is there or not."""
    settled = (document.options, depth, settings.RAG["PARSER_LIMITS"])
    facts = [VERSION, document.sha256, document.media_type, *settled]
    key = hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
    return shelf() / f"{document.pk}-{key[:32]}"


def kept_find(folder: Path, source: SourceFile) -> Prepared | None:
    """The result of an earlier attempt. One that cannot be read is removed."""
    if not folder.is_dir():
        return None
    try:
        return prepared_in(folder, source)
    except (ParseError, OSError):
        shutil.rmtree(folder, ignore_errors=True)
        return None


def kept_put(prepared: Prepared, folder: Path, *, token: UUID) -> Prepared:
    """Move a result there, as a whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{token}.part")
    partial.mkdir()
    for name in FILES:
        shutil.move(prepared.folder / name, partial / name)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(partial, folder)
    return prepared_in(folder, prepared.source)


def elements_show(prepared: Prepared, *, generation: int) -> None:
    """Make the elements those of a generation, for its page."""
    target = elements_path(prepared.source.document_id, generation)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{prepared.folder.name[-32:]}.part")
    partial.unlink(missing_ok=True)
    try:
        os.link(prepared.elements_path, partial)
    except OSError:  # another file system, or one without links
        shutil.copyfile(prepared.elements_path, partial)
    partial.replace(target)


def kept_drop(document_id: UUID) -> None:
    """What was kept of a document is served now, or the document goes."""
    for folder in shelf().glob(f"{document_id}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def kept_clear() -> int:
    """The sweeper's part: what nobody will come back for."""
    stale = list(kept_stale())
    for folder in stale:
        shutil.rmtree(folder, ignore_errors=True)
    return len(stale)


def kept_stale(*, older_than: float = 0.0) -> Iterator[Path]:
    """Results of documents that are ready or gone, those of failed ones after a week, and half-made ones; all
    of them older than so many seconds."""
    if not shelf().is_dir():
        return
    folders = sorted(shelf().iterdir())[:MOST]
    keys = [key for folder in folders if (key := _document_of(folder)) is not None]
    found = Document.objects.filter(pk__in=keys).values_list("pk", "status")
    waiting = {key for key, status in found if status in (Status.QUEUED, Status.PROCESSING)}
    failed = {key for key, status in found if status == Status.FAILED}
    for folder in folders:
        key, age = _document_of(folder), _age(folder)
        least = settings.LEASE_SECONDS if key is None else KEPT_SECONDS if key in failed else 0
        if key not in waiting and age > max(least, older_than):
            yield folder


def _document_of(folder: Path) -> UUID | None:
    try:
        return UUID(folder.name[:36])
    except ValueError:
        return None


def _age(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except FileNotFoundError:  # its worker removed it just now
        return 0.0
