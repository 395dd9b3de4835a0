"""One document's way from bytes to a served generation: parse → chunk → embed → index → ready.

No database connection is held while a child parses, a model embeds or the store writes. A crash at
any point leaves the old generation served, or the new one, whole.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.cabinets.models import Chunk, Document, Leftover
from apps.cabinets.services.chunkrows import chunk_row
from apps.cabinets.services.chunks import corrected, corrections_of, revisions_carry
from apps.cabinets.services.leases import Lease, LeaseLost, lease_kept, lease_take, lease_take_next
from apps.cabinets.services.leftovers import attempt_forget, chunks_and_files_drop, parsed_folder
from apps.cabinets.services.metadata import suggestions
from apps.cabinets.serving import index_hold
from apps.core.failpoints import failpoint
from apps.rag import components, indexing
from apps.rag.errors import ParseError, RagError
from apps.rag.interfaces import Chunker
from apps.rag.sandbox import Prepared
from apps.rag.types import Chunk as Passage
from apps.rag.types import EncodedChunk, SourceFile

logger = logging.getLogger(__name__)
Status, Stage = Document.Status, Document.Stage


def document_ingest(document_id: UUID) -> bool:
    """Do all of the work of one document. False when another worker has it or took it over."""
    lease = lease_take(document_id)
    return lease is not None and _ingest(lease)


def document_ingest_next(hint: UUID) -> bool:
    """Do the work of the document whose turn it is; the one that the hint names may be another. That one is
    taken when nothing waits: its worker may have died. False when there is nothing to do."""
    lease = lease_take_next() or lease_take(hint)
    return lease is not None and _ingest(lease)


def _ingest(lease: Lease) -> bool:
    document_id = lease.document_id
    try:
        with lease_kept(lease):
            _run(lease)
    except LeaseLost:
        _let_go(lease)
        return False
    except RagError as error:
        _fail(lease, error.code, error.detail, retryable=error.retryable)
    except Exception as error:  # any other fault is ours: it must end in a status, never in silence
        logger.exception("document %s: ingestion failed", document_id)
        _fail(lease, "internal", repr(error), retryable=True)
    return True


def _run(lease: Lease) -> None:
    source, index = _source(lease), components.index()
    chunker, corrections = _own_chunker(lease), corrections_of(lease.document_id)
    connection.close()
    started = perf_counter()
    scratch = settings.SCRATCH_DIR / str(lease.token)
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        failpoint("parse")
        prepared = components.parser_pool().prepare(
            source,
            workdir=scratch,
            limits=components.parser_limits(),
            on_progress=_progress(lease, 0.0, 0.3),
            on_tick=lease.check,
            chunker=chunker,
        )
        failpoint("chunk")
        _keep_elements(lease, prepared)
        encoded, embed_ms = _encode(lease, source, corrected(prepared.chunks, corrections), index)
        index_ms = _index(lease, encoded, index)
        revisions_carry([item.chunk for item in encoded], prepared.chunks, corrections)
        timings = {**prepared.timings_ms, "embed": embed_ms, "index": index_ms, "total": _since(started)}
        failpoint("before-flip")
        _activate(lease, source, prepared, timings, index)
        failpoint("after-flip")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _drop_old(lease, source)


def _own_chunker(lease: Lease) -> Chunker | None:
    from apps.cabinets.services.reading import chunker_of

    return chunker_of(_document(lease).values_list("options", flat=True).get())


def _source(lease: Lease) -> SourceFile:
    document = Document.objects.get(pk=lease.document_id)
    if not document.file_path.exists():
        raise ParseError(code="missing")
    return SourceFile(
        document_id=document.pk,
        generation=lease.generation,
        cabinet_id=document.cabinet_id,
        folder_id=document.folder_id,
        title=document.title,
        path=document.file_path,
        media_type=document.media_type,
    )


def _progress(lease: Lease, low: float, high: float) -> Callable[[str, float], None]:
    """Writes the stage and the share done at most once a second, and so keeps the lease alive."""
    last = [0.0]

    def report(stage: str, share: float) -> None:
        lease.check()
        now = perf_counter()
        if now - last[0] < 1.0 and share < 1.0:
            return
        last[0] = now
        lease.update(stage=stage, progress=round(low + (high - low) * share, 3))
        connection.close()

    return report


def _encode(
    lease: Lease, source: SourceFile, chunks: list[Passage], index: components.Index
) -> tuple[list[EncodedChunk], int]:
    started = perf_counter()
    report = _progress(lease, 0.3, 0.9)
    lease.update(stage=Stage.EMBED, progress=0.3)
    connection.close()
    failpoint("embed")
    encoded = indexing.encode(
        source,
        chunks,
        embedder=components.embedder(index),
        sparse=components.sparse(),
        on_progress=lambda share: report(Stage.EMBED, share),
    )
    return encoded, _since(started)


def _index(lease: Lease, encoded: list[EncodedChunk], index: components.Index) -> int:
    """Chunk rows, then points, then the count: all of it before anything is served."""
    started = perf_counter()
    with transaction.atomic():
        lease.update(stage=Stage.INDEX, progress=0.9)
        Chunk.objects.filter(document_id=lease.document_id, generation=lease.generation).delete()
        off = _switched_off(lease.document_id)
        rows = [chunk_row(item.chunk, enabled=item.chunk.text not in off) for item in encoded]
        Chunk.objects.bulk_create(rows, batch_size=500)
        served = _document(lease).values_list("active_generation", flat=True).first()
    connection.close()
    failpoint("write")
    indexing.write(
        encoded,
        lease.document_id,
        lease.generation,
        served=served,
        store=components.store(index),
        on_batch=_progress(lease, 0.9, 1.0),
    )
    return _since(started)


def _switched_off(document_id: UUID) -> set[str]:
    """Passages that somebody switched off stay off when the document is read again."""
    served = Chunk.objects.filter(document_id=document_id, document__active_generation=F("generation"))
    return set(served.filter(enabled=False).values_list("text", flat=True))


def _activate(
    lease: Lease, source: SourceFile, prepared: Prepared, timings: dict[str, int], index: components.Index
) -> None:
    """One write flips the served generation, in the index that its points were written to. Points written
    with a place that the document has left meanwhile follow it."""
    from apps.cabinets.tasks import move_hint

    with transaction.atomic():
        document = _document(lease).select_for_update().first()
        if document is None:
            raise LeaseLost
        index_hold(index)
        lease.release(
            status=Status.READY,
            stage="",
            progress=1,
            active_generation=lease.generation,
            attempt=0,
            error_code="",
            error_detail="",
            error_retryable=False,
            ready_at=timezone.now(),
            page_count=prepared.document.page_count,
            chunk_count=len(prepared.chunks),
            language=(prepared.document.language or "")[:10],
            warnings=list(prepared.document.warnings)[:50],
            metadata={**dict(prepared.document.metadata), **document.metadata},
            suggested=suggestions(prepared.document.elements),
            timings_ms=timings,
        )
        if (document.cabinet_id, document.folder_id) != (source.cabinet_id, source.folder_id):
            transaction.on_commit(lambda: move_hint(document.pk))


def _document(lease: Lease) -> QuerySet[Document]:
    return Document.objects.filter(pk=lease.document_id)


def _drop_old(lease: Lease, source: SourceFile) -> None:
    """What is left of older generations is invisible already; the sweeper removes it if this fails."""
    failpoint("drop-old")
    components.store().delete(lease.document_id, below=lease.generation)
    chunks_and_files_drop(lease.document_id, below=lease.generation, keep=None)
    Leftover.objects.filter(
        document_id=lease.document_id,
        document__generation=lease.generation,
        document__folder=source.folder_id,
    ).delete()


def _fail(lease: Lease, code: str, detail: str, *, retryable: bool) -> None:
    """Try again after a pause while attempts are left; else say what happened."""
    attempt = _document(lease).values_list("attempt", flat=True).first() or 0
    error = {"error_code": code, "error_detail": detail[:2000], "error_retryable": retryable}
    try:
        if retryable and attempt < settings.MAX_ATTEMPTS:
            pause = settings.BACKOFF_SECONDS[min(attempt, len(settings.BACKOFF_SECONDS)) - 1]
            lease.release(
                status=Status.QUEUED, stage="", not_before=timezone.now() + timedelta(seconds=pause), **error
            )
        else:
            lease.release(status=Status.FAILED, **error)
    except LeaseLost:
        logger.info("document %s: %s %s", lease.document_id, code, detail)
        _let_go(lease)


def _let_go(lease: Lease) -> None:
    """The work belongs to another worker now, or to a deletion that waits until this one stops writing."""
    from apps.cabinets.tasks import removal_hint

    logger.info("document %s: the lease is gone; the work is left to its new owner", lease.document_id)
    try:
        attempt_forget(lease.document_id, generation=lease.generation)
    except RagError as error:
        logger.warning("document %s: an attempt's points stay: %s", lease.document_id, error.detail)
    ended = _document(lease).filter(lease_token=lease.token, status=Status.DELETING)
    if ended.update(lease_token=None, lease_until=None):
        removal_hint(lease.document_id)


@transaction.atomic
def document_requeue(document: Document, *, by: User | None) -> Document:
    """Make a new generation; the old one is served until the new is whole. Also ends a running work."""
    from apps.cabinets.tasks import hint

    Document.objects.filter(pk=document.pk).exclude(status=Status.DELETING).update(
        status=Status.QUEUED, stage="", progress=0, generation=F("generation") + 1, attempt=0, queued_at=timezone.now(),
        not_before=None, lease_token=None, lease_until=None, error_code="", error_detail="", updated_at=timezone.now(),
    )  # fmt: skip
    document.refresh_from_db()
    audit_record(by, action="document.requeue", target=document)
    transaction.on_commit(lambda: hint(document.pk))
    return document


def elements_path(document_id: UUID, generation: int) -> Path:
    return parsed_folder(document_id) / f"{generation}.json"


def _keep_elements(lease: Lease, prepared: Prepared) -> None:
    target = elements_path(lease.document_id, lease.generation)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{lease.token}.part")
    shutil.copyfile(prepared.elements_path, partial)
    partial.replace(target)


def _since(started: float) -> int:
    return round((perf_counter() - started) * 1000)
