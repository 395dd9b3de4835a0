"""Clearing away what no generation that is served needs: points, rows and files of attempts that were cut off.

Generations only grow and each attempt has its own, so removing what lies below a known number is right at
any time, whoever else works on the document meanwhile.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.cabinets.models import Chunk, Document, Leftover
from apps.rag import components
from apps.rag.errors import RagError

logger = logging.getLogger(__name__)
Status = Document.Status
AT_REST = (Status.READY, Status.FAILED)
A_ROUND = 200


def parsed_folder(document_id: UUID) -> Path:
    return settings.PARSED_DIR / str(document_id)[:2] / str(document_id)


def leftovers_clear() -> int:
    """The sweeper's part: documents that nobody works on any more, at most 200 a round."""
    waiting = Leftover.objects.filter(document__status__in=AT_REST).order_by("since")
    cleared = 0
    for key in list(waiting.values_list("pk", flat=True)[:A_ROUND]):
        try:
            cleared += leftover_clear(key)
        except RagError as error:  # the store is away; the next round asks again
            logger.info("leftovers stay for now: %s %s", error.code, error.detail)
            break
    scratch_clear()
    return cleared


def leftover_clear(document_id: UUID) -> bool:
    """Remove all but the served generation of a document at rest. False where there is nothing to do.
    The rows of a failed attempt stay while nothing is served, so that its page can show what was read."""
    row = Document.objects.filter(pk=document_id, status__in=AT_REST).first()
    if row is None:
        return False
    connection.close()
    below = row.generation + (row.generation != row.active_generation)
    components.store().delete(document_id, keep_generation=row.active_generation, below=below)
    components.store().move(document_id, cabinet_id=row.cabinet_id, folder_id=row.folder_id)
    shown = row.active_generation or row.generation
    chunks_and_files_drop(document_id, below=below, keep=shown)
    same = Leftover.objects.filter(document_id=document_id, document__generation=row.generation)
    return bool(same.filter(document__status=row.status, document__folder=row.folder_id).delete()[0])


def attempt_forget(document_id: UUID, *, generation: int) -> None:
    """What a worker does that lost its lease: remove what it wrote, for it may have written since. Raises
    StoreError; then the sweeper or the doctor does it."""
    row = Document.objects.filter(pk=document_id).values_list("active_generation", "status").first()
    connection.close()
    if row is None or row[1] == Status.DELETING:
        components.store().delete(document_id)
        if row is None:
            shutil.rmtree(parsed_folder(document_id), ignore_errors=True)
        return
    components.store().delete(document_id, keep_generation=row[0], below=generation + 1)


def chunks_and_files_drop(document_id: UUID, *, below: int, keep: int | None) -> None:
    """Rows and parsed elements of the generations below one, without those of `keep`."""
    Chunk.objects.filter(document_id=document_id, generation__lt=below).exclude(generation=keep or 0).delete()
    connection.close()
    for path in parsed_folder(document_id).glob("*.json"):
        if path.stem.isdigit() and int(path.stem) < below and int(path.stem) != keep:
            path.unlink(missing_ok=True)


def scratch_clear() -> int:
    """Remove the throw-away folders of workers that died, once no lease of theirs can be alive."""
    removed = 0
    for folder in scratch_abandoned():
        shutil.rmtree(folder, ignore_errors=True)
        removed += 1
    return removed


def scratch_abandoned() -> Iterator[Path]:
    """Scratch folders and half-written elements that no live lease names and that are older than a lease."""
    oldest = time.time() - settings.LEASE_SECONDS
    live = {str(token) for token in _live_tokens()}
    if settings.SCRATCH_DIR.is_dir():
        for folder in settings.SCRATCH_DIR.iterdir():
            if folder.name not in live and _changed(folder) < oldest:
                yield folder


def _live_tokens() -> list[UUID]:
    held = Document.objects.filter(lease_until__gt=timezone.now()).exclude(lease_token=None)
    return [token for token in held.values_list("lease_token", flat=True)[:10_000] if token is not None]


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # its worker removed it just now
        return time.time()
