"""Renaming, describing, moving documents, and switching their chunks."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import Clearance, User
from apps.accounts.services import audit_record
from apps.cabinets.hints import move_hint
from apps.cabinets.models import Chunk, Document, Folder, Leftover
from apps.cabinets.services.mails import require_independent, with_attachments
from apps.cabinets.services.metadata import COLUMNS, metadata_apply
from apps.cabinets.services.names import clean_name
from apps.cabinets.services.reading import options_clean
from apps.core.problems import Problem, invalid


@transaction.atomic
def document_describe(
    document: Document,
    *,
    by: User,
    title: str | None = None,
    tags: list[str] | None = None,
    metadata: dict[str, str | None] | None = None,
    options: dict[str, Any] | None = None,
) -> Document:
    """Metadata that is given is confirmed by giving it; see services.metadata for its fields."""
    if title is not None:
        document.title = clean_name(title.replace("/", "／"), field="title", longest=255)
    if tags is not None:
        document.tags = [tag.strip()[:60] for tag in tags if tag.strip()]
    if metadata is not None:
        metadata_apply(document, metadata, by=by)
    if options is not None:
        document.options = options_clean(options)
    document.save(
        update_fields=["title", "tags", "options", "metadata", "confirmed_at", *COLUMNS, "updated_at"]
    )
    audit_record(by, action="document.describe", target=document)
    return document


@transaction.atomic
def document_classify(document: Document, *, by: User, secrecy: int) -> Document:
    """Set the level of a document and of what is attached to it. Raises Problem 422 above one's own clearance:
    nobody puts a document where they cannot see it any more."""
    require_independent(document)
    if secrecy not in Clearance.values:
        raise invalid("secrecy", _("There is no such level of secrecy."))
    if not by.is_superuser and secrecy > by.clearance:
        raise invalid("secrecy", _("You cannot set a level above your own clearance."))
    before, document.secrecy = document.secrecy, secrecy
    keys = [one.pk for one in with_attachments([document])]
    Document.objects.filter(pk__in=keys).update(secrecy=secrecy, updated_at=timezone.now())
    audit_record(by, action="document.secrecy", target=document, detail={"from": before, "to": secrecy})
    return document


@transaction.atomic
def document_move(document: Document, *, by: User, folder: Folder) -> Document:
    """Rights follow the row at once; the points follow by a task, and the re-check covers the time between."""
    require_independent(document)
    origin = document.folder
    try:
        with transaction.atomic():
            document.folder, document.cabinet_id = folder, folder.cabinet_id
            document.save(update_fields=["folder", "cabinet", "updated_at"])
    except IntegrityError:
        raise Problem(409, _("The same file is already in that folder."), code="exists") from None
    moved = [one.pk for one in with_attachments([document])]
    Document.objects.filter(pk__in=moved[1:]).update(
        folder=folder, cabinet=folder.cabinet_id, updated_at=timezone.now()
    )
    Leftover.objects.bulk_create([Leftover(document_id=key) for key in moved], ignore_conflicts=True)
    audit_record(by, action="document.move", target=document, detail={"from": str(origin), "to": str(folder)})
    for key in moved:  # the left-overs are for hints that get lost
        transaction.on_commit(partial(move_hint, key))
    return document


@transaction.atomic
def chunk_update(chunk: Chunk, *, by: User, enabled: bool | None = None) -> Chunk:
    """Switch a passage off or on."""
    if enabled is not None:
        chunk.enabled, chunk.edited_at = enabled, timezone.now()
        chunk.save(update_fields=["enabled", "edited_at"])
        audit_record(
            by,
            action="chunk.enable" if enabled else "chunk.disable",
            target=chunk.document,
            detail={"index": chunk.index},
        )
    return chunk
