"""I1–I3 and I8: the rows and the vector store agree about what is served and where it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Count, F, Q

from apps.cabinets.doctor.common import Status, current, is_being_tidied, requeue, wrong
from apps.cabinets.models import Chunk, Document
from apps.cabinets.services.leftovers import leftover_clear
from apps.core.doctor import Finding, in_batches
from apps.rag import components


def served_points(*, repair: bool) -> Iterator[Finding]:
    """I1: the chunk ids of the served generation are its point ids, the ids and not only their number."""
    for document in _served():
        if detail := wrong(lambda key=document.pk: _difference(key)):  # type: ignore[misc]
            yield Finding("I1", _name(document), detail, requeue(document.pk) if repair else "")


def _served() -> Iterator[Document]:
    rows = Document.objects.exclude(active_generation=None).exclude(status=Status.DELETING)
    for batch in in_batches(rows):
        yield from batch


def _difference(document_id: UUID) -> str:
    document = current(document_id)
    if document is None or document.active_generation is None or document.status == Status.DELETING:
        return ""
    served = document.active_generation
    rows = set(document.chunks.filter(generation=served).values_list("pk", flat=True))
    points = {key for key, made in components.store().point_ids(document_id) if made == served}
    if rows == points and len(rows) == document.chunk_count:
        return ""
    return (
        f"{len(rows - points)} chunks without a point, {len(points - rows)} points without a chunk, "
        f"{document.chunk_count} counted at the flip"
    )


def orphans(*, repair: bool) -> Iterator[Finding]:
    """I2: no point without a served generation, no ready document without points."""
    batch: list[UUID] = []
    for key in list(components.store().document_ids()):  # 16 bytes a document; the store may change meanwhile
        batch.append(key)
        if len(batch) == 200:
            yield from _orphans_among(batch, repair=repair)
            batch = []
    yield from _orphans_among(batch, repair=repair)
    for pending in in_batches(Document.objects.filter(status=Status.READY, active_generation=None)):
        for document in pending:
            yield Finding(
                "I2", _name(document), "ready, but nothing is served", requeue(document.pk) if repair else ""
            )


def _orphans_among(keys: list[UUID], *, repair: bool) -> Iterator[Finding]:
    known = set(Document.objects.filter(pk__in=keys).values_list("pk", flat=True))
    for key in keys:
        look = _stale_generations if key in known else _points_of_nobody
        detail = wrong(lambda key=key, look=look: look(key))  # type: ignore[misc]
        if detail:
            yield Finding("I2", f"document {key}", detail, _remove_points(key) if repair else "")


def _points_of_nobody(document_id: UUID) -> str:
    if Document.objects.filter(pk=document_id).exists():
        return ""
    left = components.store().count(document_id)
    return f"{left} points of a document that does not exist" if left else ""


def _stale_generations(document_id: UUID) -> str:
    document = current(document_id)
    if document is None or is_being_tidied(document):
        return ""
    made = {generation for _key, generation in components.store().point_ids(document_id)}
    stale = sorted(made - {document.active_generation})
    return f"points of generations {stale}, served is {document.active_generation}" if stale else ""


def _remove_points(document_id: UUID) -> str:
    document = current(document_id)
    if document is None:
        components.store().delete(document_id)
        return "points removed"
    components.store().delete(
        document_id, keep_generation=document.active_generation, below=document.generation + 1
    )
    return "points removed"


def places(*, repair: bool) -> Iterator[Finding]:
    """I3: the cabinet and the folder of the points are the row's."""
    for document in _served():
        if detail := wrong(lambda key=document.pk: _misplaced(key)):  # type: ignore[misc]
            yield Finding("I3", _name(document), detail, _move(document.pk) if repair else "")


def _misplaced(document_id: UUID) -> str:
    document = current(document_id)
    if document is None or document.status == Status.DELETING:
        return ""
    expected = (document.cabinet_id, document.folder_id)
    elsewhere = components.store().places(document_id) - {expected}
    return f"points in {len(elsewhere)} other places" if elsewhere else ""


def _move(document_id: UUID) -> str:
    document = current(document_id)
    if document is None:
        return ""
    components.store().move(document_id, cabinet_id=document.cabinet_id, folder_id=document.folder_id)
    return "points moved"


def one_generation(*, repair: bool) -> Iterator[Finding]:
    """I8: one generation is served, it is not ahead of the row's, and no rows of others stay."""
    ahead = Document.objects.filter(active_generation__gt=F("generation"))
    given_up = Q(depth=Document.Depth.BASIC)  # its second look has a number, and nothing is served of it
    behind = Document.objects.filter(~given_up, status=Status.READY).exclude(
        active_generation=F("generation")
    )
    for document in (ahead | behind.exclude(active_generation=None))[:1000]:
        detail = f"{document.status}, served {document.active_generation}, made {document.generation}"
        yield Finding("I8", _name(document), detail, requeue(document.pk) if repair else "")
    many = Document.objects.annotate(made=Count("chunks__generation", distinct=True)).filter(made__gt=1)
    for batch in in_batches(many):
        for document in batch:
            if detail := wrong(lambda key=document.pk: _stale_rows(key)):  # type: ignore[misc]
                yield Finding("I8", _name(document), detail, _clear(document.pk) if repair else "")


def _stale_rows(document_id: UUID) -> str:
    document = current(document_id)
    if document is None or is_being_tidied(document):
        return ""
    shown = Q(generation=document.active_generation or document.generation)
    stale = Chunk.objects.filter(document_id=document_id).exclude(shown).count()
    return f"{stale} chunks of generations that are not served" if stale else ""


def _clear(document_id: UUID) -> str:
    leftover_clear(document_id)
    return "chunks removed"


def _name(document: Document) -> str:
    return f"document {document.pk} “{document.title[:60]}”"
