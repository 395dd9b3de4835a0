"""The embedded store: Qdrant's engine in this process, on a folder that one process owns.

What was found out about qdrant-edge-py 0.9.0 and shaped this module:
- its calls hold the GIL from start to end, so threads take turns; upserts go in small batches so that
  a search waits milliseconds, and `optimize` (seconds to minutes) runs on a copy, elsewhere (edge_graph.py);
- an update is in the write-ahead log when the call returns: kill -9 loses nothing. The log is synced
  from here after each write, 3 ms without the GIL, so that a power cut loses nothing either; the
  engine's own `flush` takes 10 times that with the GIL and only shortens the replay on opening, so it
  runs seldom;
- every fault is a bare Exception with a sentence.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from apps.rag.stores.common import (
    DENSE,
    HIT_FIELDS,
    PAGE,
    PLACE_FIELDS,
    SPARSE,
    check_batch,
    check_limit,
    distinct,
    hit,
    mismatch,
    place,
)
from apps.rag.stores.edge_engine import (
    call,
    document_filter,
    doomed_filter,
    edge_point,
    scope_filter,
)
from apps.rag.stores.edge_index import EdgeIndex
from apps.rag.types import EncodedChunk, Hit, SearchScope, SparseVector

if TYPE_CHECKING:
    from qdrant_edge import EdgeShard

BATCH = 64  # points an engine call: about 3 ms during which no other thread runs
BREADTH = (
    256  # candidates kept in the graph: 99.5 % of the true first ten, 98.7 % of 64 (English, 12,000 passages)
)


class EdgeStore(EdgeIndex):
    """VectorStore on a folder. Thread-safe; a second process is refused with StoreError."""

    def upsert(self, points: Sequence[EncodedChunk]) -> None:
        from qdrant_edge import UpdateOperation

        self._ready()
        check_batch(points, dimension=self.dimension)
        with self._written(*(point.chunk.document_id for point in points)) as shard:
            for start in range(0, len(points), BATCH):
                batch = [edge_point(point) for point in points[start : start + BATCH]]
                call(shard.update, UpdateOperation.upsert_points(batch))
            self._secure(shard, written=len(points))

    def search_dense(self, vector: Sequence[float], scope: SearchScope, *, limit: int) -> list[Hit]:
        check_limit(limit)
        if scope.is_empty:
            return []
        shard = self._ready()
        if len(vector) != self.dimension:
            raise mismatch(
                f"The index holds vectors of {self.dimension} numbers, the query has {len(vector)}."
            )
        return self._search(shard, list(vector), scope, using=DENSE, limit=limit)

    def search_sparse(self, vector: SparseVector, scope: SearchScope, *, limit: int) -> list[Hit]:
        import qdrant_edge

        check_limit(limit)
        if scope.is_empty or not vector.indices:
            return []
        query = qdrant_edge.SparseVector(indices=list(vector.indices), values=list(vector.values))
        return self._search(self._ready(), query, scope, using=SPARSE, limit=limit)

    def _search(
        self, shard: EdgeShard, query: Any, scope: SearchScope, *, using: str, limit: int
    ) -> list[Hit]:
        from qdrant_edge import Query, SearchParams, SearchRequest

        request = SearchRequest(
            Query.Nearest(query, using=using),
            limit=limit,
            filter=scope_filter(scope),
            params=SearchParams(hnsw_ef=BREADTH) if using == DENSE else None,
            with_payload=HIT_FIELDS,
        )
        return [hit(found.id, found.payload, found.score) for found in call(shard.search, request)]

    def delete(
        self, document_id: UUID, *, keep_generation: int | None = None, below: int | None = None
    ) -> None:
        from qdrant_edge import UpdateOperation

        doomed = doomed_filter(document_id, keep_generation=keep_generation, below=below)
        self._write(document_id, UpdateOperation.delete_points_by_filter(doomed))

    def move(self, document_id: UUID, *, cabinet_id: UUID, folder_id: UUID) -> None:
        from qdrant_edge import UpdateOperation

        place = {"cabinet_id": str(cabinet_id), "folder_id": str(folder_id)}
        self._write(document_id, UpdateOperation.set_payload_by_filter(document_filter(document_id), place))

    def count(self, document_id: UUID | None = None, *, generation: int | None = None) -> int:
        from qdrant_edge import CountRequest

        shown = document_filter(document_id, generation=generation)
        return call(self._ready().count, CountRequest(exact=True, filter=shown))

    def point_ids(self, document_id: UUID) -> set[tuple[UUID, int]]:
        return {
            (record.id, record.payload["generation"])
            for record in self._scroll("generation", document_id=document_id)
        }

    def places(self, document_id: UUID) -> set[tuple[UUID, UUID]]:
        return {place(record.payload) for record in self._scroll(*PLACE_FIELDS, document_id=document_id)}

    def document_ids(self) -> Iterable[UUID]:
        return distinct(record.payload["document_id"] for record in self._scroll("document_id"))

    def drop(self) -> None:
        """Remove the folder. Raises StoreError while another process owns it."""
        if self._shard is None and self.path.is_dir():
            self._owner.acquire()
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def _scroll(self, *fields: str, document_id: UUID | None = None) -> Iterator[Any]:
        from qdrant_edge import ScrollRequest

        shard, offset = self._ready(), None
        shown = document_filter(document_id)
        while True:
            request = ScrollRequest(offset=offset, limit=PAGE, filter=shown, with_payload=list(fields))
            records, offset = call(shard.scroll, request)
            yield from records
            if offset is None:
                return

    def _write(self, document_id: UUID, operation: Any) -> None:
        with self._written(document_id) as shard:
            call(shard.update, operation)
            self._secure(shard, written=1)
