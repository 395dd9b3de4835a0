"""One document's way from bytes to a served generation: parse → chunk → embed → index → ready.

No database connection is held while a child parses, a model embeds or the store writes. A crash at
any point leaves the old generation served, or the new one, whole.
"""

from __future__ import annotations

import logging
import shutil
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
from apps.cabinets.hints import hint, removal_hint
from apps.cabinets.models import Document
from apps.cabinets.queue import next_document
from apps.cabinets.services.attachments import attachments_settle
from apps.cabinets.services.depths import deep_over, deep_slot_free, depth_wanted
from apps.cabinets.services.generations import (
    PARSED,
    generation_activate,
    generation_write,
    generations_drop_old,
)
from apps.cabinets.services.kept import elements_show, kept_find, kept_folder, kept_put
from apps.cabinets.services.leases import (
    Lease,
    LeaseLost,
    lease_kept,
    lease_progress,
    lease_take,
    lease_take_next,
)
from apps.cabinets.services.leftovers import attempt_forget
from apps.cabinets.services.mails import holds_attachments
from apps.cabinets.services.reading import chunker_of, parser_of
from apps.core.failpoints import failpoint
from apps.core.problems import disk_full
from apps.rag import components
from apps.rag.errors import ParseError, RagError
from apps.rag.interfaces import Chunker, Parser
from apps.rag.parsing.apart import laid_aside
from apps.rag.parsing.progress import Step
from apps.rag.sandbox import Prepared
from apps.rag.types import SourceFile

logger = logging.getLogger(__name__)
Status, Stage = Document.Status, Document.Stage


def document_ingest(document_id: UUID) -> bool:
    """Do all of the work of one document. False when another worker has it or took it over."""
    lease = lease_take(document_id)
    return lease is not None and _ingest(lease)


def document_ingest_next(hint: UUID) -> bool:
    """Do the work of the document whose turn it is; the one that the hint names may be another. That one is
    taken when nothing waits: its worker may have died. False when there is nothing to do."""
    lease = lease_take_next() or lease_take(hint, deep=deep_slot_free())
    if lease is None:
        return False
    done = _ingest(lease)
    if lease.deepening:
        _hint_next()
    return done


def _hint_next() -> None:
    """The hints of other second looks came while there was no room for them."""
    if key := next_document():
        hint(key)


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
    except OSError as error:
        logger.exception("document %s: the disk", document_id)
        _fail(lease, "disk_full" if disk_full(error) else "internal", repr(error), retryable=True)
    except Exception as error:  # any other fault is ours: it must end in a status, never in silence
        logger.exception("document %s: ingestion failed", document_id)
        _fail(lease, "internal", repr(error), retryable=True)
    return True


def _run(lease: Lease) -> None:
    source, index = _source(lease), components.index()
    started = perf_counter()
    scratch = settings.SCRATCH_DIR / str(lease.token)
    try:
        prepared = _prepared(lease, source, scratch)
        failpoint("chunk")
        timings = {**prepared.timings_ms, **generation_write(lease, prepared, index)}
        failpoint("before-flip")
        timings["total"] = _since(started)
        generation_activate(lease, prepared, index, timings=timings)
        failpoint("after-flip")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    generations_drop_old(lease, source)


def _prepared(lease: Lease, source: SourceFile, scratch: Path) -> Prepared:
    """What the file says: of an attempt before this one, if it came so far, else read by a parser child."""
    document = _document(lease).get()
    depth = depth_wanted(document)
    (parser, chunker), folder = _own_ways(document), kept_folder(document, depth=depth)
    connection.close()
    failpoint("parse")
    prepared = kept_find(folder, source)
    if prepared is None:
        failpoint("read")
        scratch.mkdir(parents=True, exist_ok=True)
        report = lease_progress(lease)
        made = components.parser_pool().prepare(
            source,
            workdir=scratch,
            limits=components.parser_limits(),
            on_progress=lambda step: report(
                step.stage, _shares(step), pages_done=step.done, pages_total=step.total
            ),
            on_tick=lease.check,
            parser=parser,
            chunker=chunker,
            depth=depth,
        )
        if holds_attachments(document):
            attachments_settle(lease, document, laid_aside(made.folder))
        prepared = kept_put(made, folder, token=lease.token)
    elements_show(prepared, generation=lease.generation)
    return prepared


def _shares(step: Step) -> float:
    """Of the whole work: reading is most of what comes before the passages are written."""
    return PARSED * (0.9 * step.share if step.stage == Stage.PARSE else 0.9 + 0.1 * step.share)


def _own_ways(document: Document) -> tuple[Parser | None, Chunker | None]:
    """How this document alone is read and cut."""
    return parser_of(document, options=document.options), chunker_of(document.options)


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


def _document(lease: Lease) -> QuerySet[Document]:
    return Document.objects.filter(pk=lease.document_id)


def _fail(lease: Lease, code: str, detail: str, *, retryable: bool) -> None:
    """Try again after a pause while attempts are left; else say what happened."""
    document = _document(lease).first()
    attempt = document.attempt if document is not None else 0
    error = {"error_code": code, "error_detail": detail[:2000], "error_retryable": retryable}
    try:
        if retryable and attempt < settings.MAX_ATTEMPTS:
            pause = settings.BACKOFF_SECONDS[min(attempt, len(settings.BACKOFF_SECONDS)) - 1]
            lease.release(
                status=Status.QUEUED, stage="", not_before=timezone.now() + timedelta(seconds=pause), **error
            )
        elif document is not None and lease.deepening:
            logger.warning("document %s: second look given up: %s %s", lease.document_id, code, detail)
            lease.release(**deep_over(document, code=code))
        else:
            lease.release(status=Status.FAILED, **error)
    except LeaseLost:
        logger.info("document %s: %s %s", lease.document_id, code, detail)
        _let_go(lease)


def _let_go(lease: Lease) -> None:
    """The work belongs to another worker now, or to a deletion that waits until this one stops writing."""
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
    Document.objects.filter(pk=document.pk).exclude(status=Status.DELETING).update(
        status=Status.QUEUED, stage="", progress=0, generation=F("generation") + 1, attempt=0, queued_at=timezone.now(),
        deepening=False, priority=0,
        not_before=None, lease_token=None, lease_until=None, error_code="", error_detail="", updated_at=timezone.now(),
    )  # fmt: skip
    document.refresh_from_db()
    audit_record(by, action="document.requeue", target=document)
    transaction.on_commit(lambda: hint(document.pk))
    return document


def _since(started: float) -> int:
    return round((perf_counter() - started) * 1000)
