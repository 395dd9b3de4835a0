"""A new index beside the one that serves: built from the chunk rows, then switched to in one transaction.

Searches and uploads go on. Documents that are read, moved or deleted meanwhile are caught up with in further
passes; the last look is made under the lock that every activation takes, so nothing slips through. What is in
the new index already is not made again: a build that was killed goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.cabinets.models import Chunk, Document, SearchIndex
from apps.cabinets.serving import wanted_embedder
from apps.core.doctor import in_batches
from apps.core.problems import Problem
from apps.rag import components, indexing
from apps.rag.components import Index
from apps.rag.errors import StoreError
from apps.rag.interfaces import Embedder, VectorStore
from apps.rag.types import Chunk as Passage
from apps.rag.types import SourceFile

MOST_PASSES = 100
RELEASE_SECONDS = 90  # a serving process closes the former index within this
State = SearchIndex.State
Place = tuple[int, UUID, UUID]  # served generation, cabinet, folder
Progress = Callable[[int, int], None]
Look = Callable[[VectorStore, Embedder], None]  # at the new index, before it serves


def index_build(
    *, embedder: dict | None = None, before_switch: Look | None = None, on_progress: Progress | None = None
) -> SearchIndex:
    """Build and switch, with another `embedder` where one is given. Goes on with a build that was cut off, if
    it was for the same embedder. `before_switch` may look at the new index, or end it all by raising."""
    row = _row_to_build(embedder or wanted_embedder())
    return _Build(row, on_progress, before_switch).run()


def index_undo(*, on_progress: Progress | None = None) -> SearchIndex:
    """Switch back to the former index, brought up to date first. Raises Problem 409 when there is none."""
    former = SearchIndex.objects.filter(state=State.FORMER).order_by("-switched_at", "-pk").first()
    if former is None:
        raise Problem(409, "There is no former index to go back to.", code="no_former_index")
    return _Build(former, on_progress).run()


def indexes_forget() -> int:
    """Remove the former indexes from the store and an abandoned build with them. How many."""
    rows = list(SearchIndex.objects.exclude(state=State.SERVING))
    for row in rows:
        store = components.build_store(_index_of(row))
        store.drop()
        row.delete()
    return len(rows)


def _row_to_build(embedder: dict) -> SearchIndex:
    row = SearchIndex.objects.filter(state=State.BUILDING).first()
    if row is not None and row.embedder != embedder:
        components.build_store(_index_of(row)).drop()
        row.delete()
        row = None
    if row is None:
        name = timezone.now().strftime("%Y%m%d-%H%M%S-%f")  # two may be begun within a second
        dimension = _dimension_of(embedder)
        configured = components.configured()
        over = configured if embedder != configured else None
        row = SearchIndex.objects.create(
            name=name, state=State.BUILDING, embedder=embedder, dimension=dimension, chosen_over=over
        )
    return row


def _dimension_of(embedder: dict) -> int:
    built = components.build_embedder(Index("", embedder))
    try:
        return built.dimension
    finally:
        if hasattr(built, "close"):
            built.close()


def _index_of(row: SearchIndex) -> Index:
    return Index(row.name, row.embedder)


class _Build:
    """One run: `done` says for each document in the index what of it was copied."""

    def __init__(
        self, row: SearchIndex, on_progress: Progress | None, before_switch: Look | None = None
    ) -> None:
        self.row = row
        self.look = before_switch
        self.report = on_progress or (lambda done, total: None)
        self.embedder = components.build_embedder(_index_of(row))
        self.store = components.build_store(_index_of(row))
        self.done: dict[UUID, Place] = {}
        self.since: datetime = row.created_at

    def run(self) -> SearchIndex:
        try:
            for number in range(MOST_PASSES):
                self._open()
                self._pass(first=number == 0)
                if self.look and number == 0:
                    self.look(self.store, self.embedder)
                self.store.close()  # before the switch: one process at a time owns an embedded index
                if self._switch():
                    return self.row
        finally:
            self.store.close()
            if hasattr(self.embedder, "close"):
                self.embedder.close()
        raise StoreError("Documents change faster than they are copied; try again later.", retryable=True)

    def _open(self) -> None:
        deadline = time.monotonic() + RELEASE_SECONDS
        while True:
            try:
                self.store.prepare(dimension=self.row.dimension)
            except StoreError as error:
                if not error.retryable or time.monotonic() > deadline:
                    raise
                components.index()  # closes what this very process no longer serves
                time.sleep(1)
            else:
                return

    def _pass(self, *, first: bool) -> None:
        begun = timezone.now()
        edited = set(Chunk.objects.filter(edited_at__gte=self.since).values_list("document_id", flat=True))
        total = _searchable().count()
        seen: set[UUID] = set()
        for number, document in enumerate(_documents(), start=1):
            seen.add(document.pk)
            place = (document.active_generation or 0, document.cabinet_id, document.folder_id)
            if self.done.get(document.pk) != place or document.pk in edited:
                self._copy(document, again=document.pk in edited)
                self.done[document.pk] = place
            self._tell(number, max(total, number))
        for key in (set(self.store.document_ids()) if first else set(self.done)) - seen:
            self.store.delete(key)
            self.done.pop(key, None)
        self.since = begun

    def _copy(self, document: Document, *, again: bool) -> None:
        generation = document.active_generation or 0
        rows = document.chunks.filter(generation=generation).order_by("index")
        here = {(key, generation) for key in rows.values_list("pk", flat=True)}
        connection.close()
        if not again and here == self.store.point_ids(document.pk):
            self.store.move(document.pk, cabinet_id=document.cabinet_id, folder_id=document.folder_id)
            return
        indexing.begin(document.pk, generation, served=None, store=self.store)
        last, added = -1, 0
        while batch := list(rows.filter(index__gt=last)[: indexing.BATCH]):
            last = batch[-1].index
            connection.close()
            passages = [_passage(row, document) for row in batch]
            points = indexing.encode(
                _source(document), passages, embedder=self.embedder, sparse=components.sparse()
            )
            indexing.add(points, store=self.store)
            added += len(points)
        indexing.finish(document.pk, generation, expected=added, store=self.store)

    def _tell(self, number: int, total: int) -> None:
        self.report(number, total)
        if number % 20 == 0 or number == total:
            SearchIndex.objects.filter(pk=self.row.pk).update(documents_done=number, documents_total=total)

    def _switch(self) -> bool:
        """The one write that changes what serves; False when documents changed since the last pass."""
        with transaction.atomic():
            serving = SearchIndex.objects.select_for_update().filter(state=State.SERVING).first()
            if not self._is_complete():
                return False
            if serving is None:
                serving = SearchIndex(name="", dimension=self.row.dimension)
            if serving.pk == self.row.pk:
                raise Problem(409, "This index serves already.", code="serving")
            serving.state = State.FORMER
            serving.save()
            self.row.state, self.row.switched_at = State.SERVING, timezone.now()
            self.row.save()
        return True

    def _is_complete(self) -> bool:
        if Chunk.objects.filter(edited_at__gte=self.since).exists():
            return False
        rows = _searchable().values_list("pk", "active_generation", "cabinet_id", "folder_id")
        count = 0
        for key, *place in rows.iterator(chunk_size=2000):
            count += 1
            if self.done.get(key) != tuple(place):
                return False
        return count == len(self.done)


def _searchable():
    return Document.objects.exclude(active_generation=None).exclude(status=Document.Status.DELETING)


def _documents() -> Iterator[Document]:
    for batch in in_batches(_searchable(), size=50):
        yield from batch


def _source(document: Document) -> SourceFile:
    return SourceFile(
        document_id=document.pk,
        generation=document.active_generation or 0,
        cabinet_id=document.cabinet_id,
        folder_id=document.folder_id,
        title=document.title,
        path=document.file_path,
        media_type=document.media_type,
    )


def _passage(row: Chunk, document: Document) -> Passage:
    """What the encoders read: the same title, headings and text as at the first time."""
    return Passage(
        id=row.pk,
        document_id=document.pk,
        generation=row.generation,
        index=row.index,
        title=document.title,
        text=row.text,
        headings=tuple(row.headings),
        language=row.language or None,
    )
