"""Deleting: invisible in the first transaction, then vectors, then files, then the row, and a receipt.

Whatever is cut off is finished by the sweeper, since the tombstone stays until the row goes.
"""

from __future__ import annotations

import shutil
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.cabinets.hints import removal_hint
from apps.cabinets.models import Document, DocumentVersion
from apps.cabinets.services.kept import kept_drop, shelf
from apps.cabinets.services.leftovers import parsed_folder
from apps.cabinets.services.mails import require_independent, with_attachments
from apps.cabinets.services.originals import file_discard_if_unused
from apps.cabinets.serving import index_hold
from apps.core.models import Job
from apps.rag import components
from apps.rag.errors import StoreError
from apps.rag.parsing.sniff import EMAIL, MSG

Status = Document.Status
MOST_TOLD = 200


@transaction.atomic
def document_delete(document: Document, *, by: User) -> Job:
    """Tombstone the document now, with what is attached to it, and clear it away in the background. The job's
    result is the receipt; attachments have jobs of their own, which it repeats."""
    require_independent(document)
    job = _job(document, by=by)
    for attachment in with_attachments([document])[1:]:
        _job(attachment, by=by, mail=document.pk)
    documents_tombstone(Document.objects.filter(pk=document.pk), by=by)
    return job


def _job(document: Document, *, by: User, mail: UUID | None = None) -> Job:
    detail = {"document_id": str(document.pk), "title": document.title}
    return Job.objects.create(
        kind="delete_document",
        owner=by,
        stage="vectors",
        detail={**detail, "mail_id": str(mail)} if mail else detail,
    )


@transaction.atomic
def documents_tombstone(documents: QuerySet[Document], *, by: User | None) -> int:
    """Make documents invisible, with what is attached to them. A lease is left standing: its worker gives it up when it next writes,
    so that no point is written after the points were removed."""
    found = list(documents.exclude(status=Status.DELETING)[:100_000])
    mails = [document for document in found if document.media_type in (EMAIL, MSG)]
    by_key = {one.pk: one for one in (*found, *with_attachments(mails))}
    keys = list(by_key)
    for document in by_key.values():
        audit_record(by, action="document.delete", target=document, detail={"sha256": document.sha256})
    Document.objects.filter(pk__in=keys).update(
        status=Status.DELETING, active_generation=None, updated_at=timezone.now()
    )
    for key in keys:
        transaction.on_commit(partial(removal_hint, key))
    return len(keys)


def document_remove(document_id: UUID) -> bool:
    """Finish one deletion. False when there is nothing to do yet, or no longer."""
    document = Document.objects.filter(pk=document_id, status=Status.DELETING).first()
    if document is None:
        return False
    if document.lease_token and document.lease_until and document.lease_until > timezone.now():
        return False  # its worker is still writing; it sends a hint when it notices, the sweeper asks again
    if document.attachments.exists():
        return False  # they go first, each with its points; the last of them sends a hint
    connection.close()
    index = components.index()
    store = components.store(index)
    store.delete(document_id)
    if left := store.count(document_id):
        raise StoreError(f"{left} points left", code="store_incomplete", retryable=True)
    shutil.rmtree(parsed_folder(document_id), ignore_errors=True)
    kept_drop(document_id)
    versions = DocumentVersion.objects.filter(document=document)
    hashes = {document.sha256, *versions.values_list("sha256", flat=True)}
    kept = {sha256 for sha256 in hashes if not file_discard_if_unused(sha256, besides=document_id)}
    with transaction.atomic():  # the tombstone goes with the receipt: until then all of this is done again
        index_hold(index)
        _write_receipt(document_id, removed=hashes - kept, kept_for_others=len(kept))
        document.delete()
    if document.parent_id is not None:
        removal_hint(document.parent_id)  # nothing is done unless the mail goes as well
    return True


def _write_receipt(document_id: UUID, *, removed: set[str], kept_for_others: int) -> None:
    """Counted again after the fact, not assumed. Bytes that another document also holds are not left-overs."""
    receipt = {
        "vectors_left": components.store().count(document_id),
        "files_left": sum((settings.FILES_DIR / sha256[:2] / sha256).exists() for sha256 in removed),
        "previews_left": len(list(parsed_folder(document_id).glob("*")))
        + len(list(shelf().glob(f"{document_id}-*"))),
        "kept_for_other_documents": kept_for_others,
        "verified_at": timezone.now().isoformat(),
    }
    jobs = Job.objects.filter(kind="delete_document", detail__mail_id=str(document_id))
    if attached := [{**job.detail, **job.result} for job in jobs.order_by("created_at")[:MOST_TOLD]]:
        receipt["attachments"] = attached
    Job.objects.filter(kind="delete_document", detail__document_id=str(document_id)).update(
        state=Job.State.SUCCEEDED, progress=1, stage="", result=receipt, updated_at=timezone.now()
    )
