"""Files inside a mail as documents of their own, below the mail: made when it is read, replaced with it, deleted
with it. Rights follow the mail, since they lie in its folder and move with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath

from django.db import transaction

from apps.accounts.services import audit_record
from apps.cabinets.hints import hint
from apps.cabinets.models import Document
from apps.cabinets.services.deletion import documents_tombstone
from apps.cabinets.services.leases import Lease
from apps.cabinets.services.names import clean_filename
from apps.cabinets.services.originals import StoredFile, file_lock, file_store, require_bytes, version_record
from apps.core.problems import Problem
from apps.rag.parsing.apart import Attachment
from apps.rag.parsing.sniff import media_type_for

BLOCK = 1024 * 1024


def attachments_settle(lease: Lease, mail: Document, found: Iterable[Attachment]) -> None:
    """Make the documents of these files and tombstone those of files that the mail no longer holds. Done again
    it changes nothing, so an attempt that was cut off is simply repeated. Raises LeaseLost, ParseError."""
    there = list(mail.attachments.exclude(status=Document.Status.DELETING).order_by("created_at"))
    for attachment in found:
        name = _name(attachment.name)
        with attachment.path.open("rb") as file:
            stored = file_store(iter(lambda file=file: file.read(BLOCK), b""))  # type: ignore[misc]
        same = next((row for row in there if (row.filename, row.sha256) == (name, stored.sha256)), None)
        if same is not None:
            there.remove(same)
            continue
        _attach(lease, mail, name, stored)
    with transaction.atomic():
        lease.update()
        documents_tombstone(Document.objects.filter(pk__in=[row.pk for row in there]), by=None)


def _name(raw: str) -> str:
    try:
        return clean_filename(raw)
    except Problem:  # nothing is left of it, or it is too long to be kept
        return f"attachment{PurePath(raw).suffix[:20]}"


def _attach(lease: Lease, mail: Document, name: str, stored: StoredFile) -> None:
    media_type = media_type_for(name, stored.head)  # said by us: the child is not trusted
    with file_lock(stored.sha256), transaction.atomic():
        lease.update()
        require_bytes(stored.sha256)
        of_mail = ("cabinet_id", "folder_id", "secrecy")  # which may have changed meanwhile
        place = Document.objects.values(*of_mail).get(pk=mail.pk)
        document = Document.objects.create(
            **place,
            parent=mail,
            title=Path(name).stem[:255] or name,
            filename=name,
            media_type=media_type,
            size=stored.size,
            sha256=stored.sha256,
            created_by=mail.created_by,
        )
        version_record(document, by=mail.created_by)
        audit_record(None, action="document.attach", target=document, detail={"mail": str(mail.pk)})
        transaction.on_commit(lambda: hint(document.pk))
