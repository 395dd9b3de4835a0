"""A new generation of a document: written batch by batch, counted, served by one transaction, the old one removed.

However long the document is, one batch of passages is held. Until the flip nothing of it is seen, so a crash
between any two batches leaves what was served before.
"""

from __future__ import annotations

from functools import partial
from time import perf_counter
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.cabinets.hints import hint, move_hint
from apps.cabinets.models import Chunk, Document, Leftover
from apps.cabinets.services.chunkrows import chunk_row
from apps.cabinets.services.chunks import corrected, corrections_of, revisions_carry
from apps.cabinets.services.depths import basic_served
from apps.cabinets.services.kept import kept_drop
from apps.cabinets.services.leases import Lease, LeaseLost, lease_progress
from apps.cabinets.services.leftovers import chunks_and_files_drop
from apps.cabinets.services.metadata import suggestions
from apps.cabinets.serving import index_hold
from apps.core.failpoints import failpoint
from apps.rag import components, indexing
from apps.rag.metadata import ends
from apps.rag.sandbox import Prepared
from apps.rag.types import Chunk as Passage
from apps.rag.types import EncodedChunk, SourceFile

Status, Stage = Document.Status, Document.Stage
FULLY_SERVED = {"status": Status.READY, "depth": Document.Depth.FULL, "deepening": False, "priority": 0}
PARSED, WRITTEN = 0.3, 0.98  # shares of the work


def generation_write(lease: Lease, prepared: Prepared, index: components.Index) -> dict[str, int]:
    """Encode and write all passages: rows before points, batch by batch, then the count. Returns the
    milliseconds of "embed" and "index"."""
    return _Writer(lease, prepared, index).run()


class _Writer:
    def __init__(self, lease: Lease, prepared: Prepared, index: components.Index) -> None:
        self.lease, self.prepared, self.source = lease, prepared, prepared.source
        self.store, self.embedder = components.store(index), components.embedder(index)
        self.corrections = corrections_of(lease.document_id)
        self.off = _switched_off(lease.document_id)
        self.report = lease_progress(lease)
        self.done = 0
        self.seconds = {"embed": 0.0, "index": 0.0}

    def run(self) -> dict[str, int]:
        self._begin()
        for batch in indexing.batches(self.prepared.each_chunk()):
            started = perf_counter()
            encoded = self._encode(batch)
            between = perf_counter()
            self._write(batch, encoded)
            self.seconds["embed"] += between - started
            self.seconds["index"] += perf_counter() - between
            self.done += len(batch)
            failpoint("batch")
        self.lease.update(stage=Stage.INDEX, progress=WRITTEN)
        connection.close()
        indexing.finish(self.lease.document_id, self.lease.generation, expected=self.done, store=self.store)
        return {name: round(seconds * 1000) for name, seconds in self.seconds.items()}

    def _begin(self) -> None:
        lease = self.lease
        with transaction.atomic():
            lease.update(stage=Stage.EMBED, progress=PARSED)
            Chunk.objects.filter(document_id=lease.document_id, generation=lease.generation).delete()
            served = _document(lease).values_list("active_generation", flat=True).first()
        connection.close()
        indexing.begin(lease.document_id, lease.generation, served=served, store=self.store)

    def _share(self, share: float, count: int) -> float:
        done = (self.done + share * count) / max(1, self.prepared.chunk_count)
        return round(PARSED + (WRITTEN - PARSED) * min(1.0, done), 3)

    def _encode(self, batch: list[Passage]) -> list[EncodedChunk]:
        failpoint("embed")
        return indexing.encode(
            self.source,
            corrected(batch, self.corrections),
            embedder=self.embedder,
            sparse=components.sparse(),
            on_progress=lambda share: self.report(Stage.EMBED, self._share(0.9 * share, len(batch))),
        )

    def _write(self, batch: list[Passage], encoded: list[EncodedChunk]) -> None:
        rows = [chunk_row(item.chunk, enabled=item.chunk.text not in self.off) for item in encoded]
        with transaction.atomic():
            self.lease.update(stage=Stage.EMBED, progress=self._share(0.9, len(batch)))
            Chunk.objects.bulk_create(rows)
            revisions_carry([item.chunk for item in encoded], batch, self.corrections)
        connection.close()
        failpoint("write")
        indexing.add(encoded, store=self.store, on_batch=self.lease.check)


def _switched_off(document_id: UUID) -> set[str]:
    """Passages that somebody switched off stay off when the document is read again."""
    served = Chunk.objects.filter(document_id=document_id, document__active_generation=F("generation"))
    return set(served.filter(enabled=False).values_list("text", flat=True))


def generation_activate(
    lease: Lease, prepared: Prepared, index: components.Index, *, timings: dict[str, int]
) -> None:
    """One write flips the served generation, in the index that its points were written to. Points written
    with a place that the document has left meanwhile follow it."""
    source, summary = prepared.source, prepared.summary
    suggested = suggestions(ends(prepared.elements()))
    with transaction.atomic():
        document = _document(lease).select_for_update().first()
        if document is None:
            raise LeaseLost
        index_hold(index)
        lease.release(
            stage="",
            progress=0 if prepared.put_off else 1,
            active_generation=lease.generation,
            attempt=0,
            error_code="",
            error_detail="",
            error_retryable=False,
            ready_at=timezone.now(),
            page_count=summary.page_count,
            chunk_count=prepared.chunk_count,
            language=(summary.language or "")[:10],
            warnings=list(summary.warnings)[:50],
            metadata={**dict(summary.metadata), **document.metadata},
            suggested=suggested,
            timings_ms=timings,
            **(basic_served(lease.generation) if prepared.put_off else FULLY_SERVED),
        )
        if prepared.put_off:
            transaction.on_commit(partial(hint, document.pk))
        if (document.cabinet_id, document.folder_id) != (source.cabinet_id, source.folder_id):
            transaction.on_commit(partial(move_hint, document.pk))


def generations_drop_old(lease: Lease, source: SourceFile) -> None:
    """What is left of older generations is invisible already; the sweeper removes it if this fails."""
    failpoint("drop-old")
    components.store().delete(lease.document_id, below=lease.generation)
    chunks_and_files_drop(lease.document_id, below=lease.generation, keep=None)
    kept_drop(lease.document_id)
    Leftover.objects.filter(
        document_id=lease.document_id,
        document__generation=lease.generation,
        document__folder=source.folder_id,
    ).delete()


def _document(lease: Lease) -> QuerySet[Document]:
    return Document.objects.filter(pk=lease.document_id)
