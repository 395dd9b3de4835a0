"""Passages that people correct: the new words are encoded and served at once, the old ones are kept.

Corrections survive a new reading: a passage that is cut out of the file with the same words as before
gets the corrected words again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.cabinets.models import Chunk, ChunkRevision, Document
from apps.core.problems import Problem, invalid
from apps.rag import components, indexing
from apps.rag.languages import detect
from apps.rag.types import Box, EncodedChunk, SourceFile
from apps.rag.types import Chunk as Passage

LONGEST = 20_000


def chunk_rewrite(chunk: Chunk, *, by: User, text: str) -> Chunk:
    """Give a served passage other words. Raises Problem 409 when it is no longer served, 422 for no text,
    StoreError and EmbedError before anything is changed."""
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not text or not any(char.isalnum() for char in text):
        raise invalid("text", _("A passage needs words. To take it out of search, switch it off."))
    if len(text) > LONGEST:
        raise invalid("text", _("A passage can have at most %(most)d characters.") % {"most": LONGEST})
    if text == chunk.text:
        return chunk
    document = Document.objects.get(pk=chunk.document_id)
    if chunk.generation != document.active_generation:
        raise _no_longer_served()
    passage = replace(passage_of(chunk, title=document.title), text=text, language=_language(text, chunk))
    connection.close()
    components.store().upsert([_encoded(document, passage)])
    try:
        _record(chunk, by=by, text=text, language=passage.language or "")
    except Problem:
        _undo(chunk)
        raise
    chunk.refresh_from_db()
    return chunk


def _no_longer_served() -> Problem:
    return Problem(409, _("The document was read again meanwhile. Load the page again."), code="not_served")


def _language(text: str, chunk: Chunk) -> str | None:
    found = detect(text)
    return found if found != "other" else chunk.language or None


def _encoded(document: Document, passage: Passage) -> EncodedChunk:
    source = SourceFile(
        document_id=document.pk,
        generation=passage.generation,
        cabinet_id=document.cabinet_id,
        folder_id=document.folder_id,
        title=document.title,
        path=document.file_path,
        media_type=document.media_type,
    )
    return indexing.encode(
        source, [passage], embedder=components.query_embedder(), sparse=components.sparse()
    )[0]


@transaction.atomic
def _record(chunk: Chunk, *, by: User, text: str, language: str) -> None:
    """The row and what it said before, if the passage is still served and says what the person saw."""
    served = Chunk.objects.filter(
        pk=chunk.pk, text=chunk.text, generation=F("document__active_generation")
    ).values("pk")
    if not Chunk.objects.filter(pk__in=served).update(
        text=text, language=language[:10], edited_at=timezone.now()
    ):
        raise _no_longer_served()
    number = chunk.revisions.count() + 1
    ChunkRevision.objects.create(chunk=chunk, number=number, text=chunk.text, replaced_by=by)
    audit_record(
        by, action="chunk.rewrite", target=chunk.document, detail={"index": chunk.index, "revision": number}
    )


def _undo(chunk: Chunk) -> None:
    """Another edit or a new reading won: the store gets what the rows say, or loses the point."""
    row = Chunk.objects.filter(pk=chunk.pk).select_related("document").first()
    store = components.store()
    if row is not None and row.generation == row.document.active_generation:
        store.upsert([_encoded(row.document, passage_of(row, title=row.document.title))])
        return
    document = Document.objects.filter(pk=chunk.document_id).first()
    store.delete(chunk.document_id, below=document.active_generation if document else None)


def passage_of(row: Chunk, *, title: str) -> Passage:
    return Passage(
        id=row.pk,
        document_id=row.document_id,
        generation=row.generation,
        index=row.index,
        title=title,
        text=row.text,
        headings=tuple(row.headings),
        page_start=row.page_start,
        page_end=row.page_end,
        boxes=tuple(Box(int(box[0]), *box[1:]) for box in row.boxes),
        sheet=row.sheet or None,
        cells=row.cells or None,
        language=row.language or None,
    )


def corrections_of(document_id: UUID) -> dict[str, tuple[str, UUID | None]]:
    """What was corrected in the served generation: words as they were cut → (words now, who)."""
    rows = ChunkRevision.objects.filter(
        number=1, chunk__document=document_id, chunk__document__active_generation=F("chunk__generation")
    )
    return {first: (now, by) for first, now, by in rows.values_list("text", "chunk__text", "replaced_by")}


def corrected(chunks: Sequence[Passage], corrections: dict[str, tuple[str, UUID | None]]) -> list[Passage]:
    """The passages with earlier corrections in place of what was cut."""
    return [
        replace(chunk, text=corrections[chunk.text][0]) if chunk.text in corrections else chunk
        for chunk in chunks
    ]


def revisions_carry(
    chunks: Sequence[Passage], cut: Sequence[Passage], corrections: dict[str, tuple[str, UUID | None]]
) -> None:
    """Note for each corrected passage of a new generation what the file itself says."""
    ChunkRevision.objects.bulk_create(
        ChunkRevision(
            chunk_id=chunk.id, number=1, text=before.text, replaced_by_id=corrections[before.text][1]
        )
        for chunk, before in zip(chunks, cut, strict=True)
        if chunk.text != before.text
    )
