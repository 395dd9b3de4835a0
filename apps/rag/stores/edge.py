"""The embedded store: Qdrant's engine in this process, on a folder that one process owns.

What was found out about qdrant-edge-py 0.9.0 and shaped this module:
- its calls hold the GIL from start to end, so threads take turns; upserts go in small batches so that
  a search waits milliseconds, and `optimize` (seconds to minutes) never runs while serving;
- an update is in the write-ahead log when the call returns: kill -9 loses nothing. The log is synced
  from here after each write, 3 ms without the GIL, so that a power cut loses nothing either; the
  engine's own `flush` takes 10 times that with the GIL and only shortens the replay on opening, so it
  runs seldom;
- every fault is a bare Exception with a sentence.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from apps.rag.errors import StoreError
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
    create_shard,
    document_filter,
    doomed_filter,
    edge_point,
    ensure_indexes,
    scope_filter,
    stored_dimension,
    sync_log,
)
from apps.rag.types import EncodedChunk, Hit, SearchScope, SparseVector

if TYPE_CHECKING:
    from filelock import FileLock
    from qdrant_edge import EdgeShard

BATCH = 64  # points an engine call: about 3 ms during which no other thread runs
FLUSH_EVERY = 2_000  # points; opening after a crash replays as many, a second or two on a busy machine
_LOCK_NAME = "owner.lock"
_PID_NAME = "owner.pid"
_DATA_NAME = "shard"


class EdgeStore:
    """VectorStore on a folder. Thread-safe; a second process is refused with StoreError."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.dimension: int | None = None
        self._shard: EdgeShard | None = None
        self._lock: FileLock | None = None
        self._unflushed = 0
        self._opening = threading.Lock()
        self._writing = threading.Lock()

    def prepare(self, *, dimension: int) -> None:
        """Create the shard and its indexes, or check that what is there has this dimension."""
        if dimension < 1:
            raise ValueError(f"A vector has at least one number, got dimension {dimension}.")
        with self._opening:
            if self._shard is None:
                self._open(create_with=dimension)
            if self.dimension != dimension:
                raise mismatch(
                    f"The index at {self.path} holds vectors of {self.dimension} numbers; the embedder gives "
                    f"{dimension}. Rebuild the index or set the former embedder."
                )

    def upsert(self, points: Sequence[EncodedChunk]) -> None:
        from qdrant_edge import UpdateOperation

        shard = self._ready()
        check_batch(points, dimension=self.dimension)
        with self._writing:
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
        from qdrant_edge import Query, SearchRequest

        request = SearchRequest(
            Query.Nearest(query, using=using),
            limit=limit,
            filter=scope_filter(scope),
            with_payload=HIT_FIELDS,
        )
        return [hit(found.id, found.payload, found.score) for found in call(shard.search, request)]

    def delete(
        self, document_id: UUID, *, keep_generation: int | None = None, below: int | None = None
    ) -> None:
        from qdrant_edge import UpdateOperation

        doomed = doomed_filter(document_id, keep_generation=keep_generation, below=below)
        self._write(UpdateOperation.delete_points_by_filter(doomed))

    def move(self, document_id: UUID, *, cabinet_id: UUID, folder_id: UUID) -> None:
        from qdrant_edge import UpdateOperation

        place = {"cabinet_id": str(cabinet_id), "folder_id": str(folder_id)}
        self._write(UpdateOperation.set_payload_by_filter(document_filter(document_id), place))

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

    def close(self) -> None:
        """Flush and give the folder back. Idempotent; later calls raise StoreError until `prepare`."""
        with self._opening, self._writing:
            shard, self._shard = self._shard, None
            try:
                if shard is not None:
                    call(shard.flush)
                    call(shard.close)
            finally:
                self._release()

    def drop(self) -> None:
        """Remove the folder. Raises StoreError while another process owns it."""
        if self._shard is None and self.path.is_dir():
            self._acquire()
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def optimize(self) -> bool:
        """Merge segments and build the graph; True if anything changed. For a maintenance command
        while the product is stopped: it holds the GIL for seconds (15 s at 20,000 chunks)."""
        with self._writing:
            return call(self._ready().optimize)

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

    def _write(self, operation: Any) -> None:
        shard = self._ready()
        with self._writing:
            call(shard.update, operation)
            self._secure(shard, written=1)

    def _secure(self, shard: EdgeShard, *, written: int) -> None:
        """Past the page cache: the log each time, the segments from time to time."""
        sync_log(self.path / _DATA_NAME)
        self._unflushed += written
        if self._unflushed >= FLUSH_EVERY:
            call(shard.flush)
            self._unflushed = 0

    def _ready(self) -> EdgeShard:
        """The open shard; opens one that is already there, so that readers need not know a dimension."""
        if self._shard is None:
            with self._opening:
                if self._shard is None:
                    self._open(create_with=None)
        shard = self._shard
        if shard is None:
            raise StoreError(f"The index at {self.path} is closed.")
        return shard

    def _open(self, *, create_with: int | None) -> None:
        from qdrant_edge import EdgeShard

        data = self.path / _DATA_NAME
        segments = data / "segments"
        exists = segments.is_dir() and any(segments.iterdir())
        if not exists and create_with is None:
            raise StoreError(f"There is no index at {self.path} yet: prepare() it first.")
        data.mkdir(parents=True, exist_ok=True)
        self._acquire()
        try:
            if exists:
                shard, self.dimension = call(EdgeShard.load, str(data)), stored_dimension(data)
            else:
                shard, self.dimension = create_shard(data, create_with or 0), create_with
            ensure_indexes(shard)
        except BaseException:
            self._release()
            raise
        self._shard = shard

    def _acquire(self) -> None:
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / _LOCK_NAME, timeout=0)
        pid_file = self.path / _PID_NAME
        try:
            lock.acquire()
        except Timeout as error:
            owner = pid_file.read_text().strip() if pid_file.exists() else "unknown"
            raise StoreError(
                f"The index at {self.path} is in use by process {owner}. One process owns it at a time: stop that "
                "one, or use a Qdrant server for several."
            ) from error
        pid_file.write_text(f"{os.getpid()}\n")
        self._lock = lock

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def optimize(path: str | Path) -> bool:
    """Optimise the index at `path` offline. Raises StoreError while another process serves it."""
    store = EdgeStore(path)
    try:
        return store.optimize()
    finally:
        store.close()
