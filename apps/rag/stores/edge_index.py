"""The folder of an embedded index while it is open: who owns it, which shard serves, when it gets a new graph."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from apps.rag.errors import StoreError
from apps.rag.stores import edge_graph
from apps.rag.stores.common import mismatch
from apps.rag.stores.edge_engine import call, holds_index, open_shard, sync_log
from apps.rag.stores.edge_graph import Serving
from apps.rag.stores.edge_owner import Owner

if TYPE_CHECKING:
    from qdrant_edge import EdgeShard

logger = logging.getLogger(__name__)

FLUSH_EVERY = 2_000  # points; opening after a crash replays as many, a second or two on a busy machine
CATCH_UPS = 5  # rounds of taking over what was written meanwhile before writers are made to wait for the last


class EdgeIndex:
    """Thread-safe. A second process is refused with StoreError."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.dimension: int | None = None
        self._shard: EdgeShard | None = None
        self._serving = Serving()
        self._unflushed = 0
        self._touched: set[UUID] | None = None  # documents written since a copy was begun
        self._graph_from = 0.0  # not before: a build failed (time.monotonic)
        self._owner = Owner(self.path)
        self._closing = threading.Event()
        self._maintaining = threading.Lock()  # taken before the others; nobody closes while it is held
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

    def maintain(self, *, stopped: Callable[[], bool]) -> bool:
        """Give the index its graph, on a copy that then takes its place; minutes, in which it serves and is written.
        True if that was done: there is nothing to do while it is small or has changed little. Raises StoreError."""
        if time.monotonic() < self._graph_from or not self._maintaining.acquire(blocking=False):
            return False
        try:
            points = int(call(self._ready().info).points_count)
            if not self._serving.due(points):
                return False
            return self._rebuild(
                self._serving.successor(points), stopped=lambda: stopped() or self._closing.is_set()
            )
        except (OSError, StoreError) as error:
            self._graph_from = time.monotonic() + edge_graph.RETRY_SECONDS
            raise StoreError(f"The index at {self.path} goes on without a new graph: {error}") from error
        finally:
            self._maintaining.release()

    def _rebuild(self, successor: Serving, *, stopped: Callable[[], bool]) -> bool:
        shard, data, begun = self._ready(), self.path / successor.folder, time.monotonic()
        try:
            with self._writing:
                call(shard.flush)
                edge_graph.copy_index(self._data, data)
                self._touched = set()
            if not edge_graph.build(data, stopped=stopped):
                return False
            self._take_over(shard, successor)
        finally:
            self._touched = None
            if self._serving != successor:
                shutil.rmtree(data, ignore_errors=True)
        logger.info(
            "The index has a graph of %d points, after %d s.", successor.graphed, time.monotonic() - begun
        )
        return True

    def _take_over(self, shard: EdgeShard, successor: Serving) -> None:
        """Serve from the successor. Searches under way keep the old shard until they are done; its files go now."""
        from qdrant_edge import EdgeShard

        following = call(EdgeShard.load, str(self.path / successor.folder))
        for _ in range(CATCH_UPS):
            with self._writing:
                touched, self._touched = self._touched, set()
            if not touched:
                break
            edge_graph.catch_up(following, shard, touched)
        with self._writing:
            edge_graph.catch_up(following, shard, self._touched or ())
            call(following.flush)
            sync_log(self.path / successor.folder)
            edge_graph.write_serving(self.path, successor)
            former, self._shard, self._serving = self._data, following, successor
        shutil.rmtree(former, ignore_errors=True)

    def close(self) -> None:
        """Flush and give the folder back. Idempotent; the next call opens it again."""
        self._closing.set()
        with self._maintaining, self._opening, self._writing:
            self._closing.clear()
            shard, self._shard = self._shard, None
            try:
                if shard is not None:
                    call(shard.flush)
                    call(shard.close)
            finally:
                self._owner.release()

    @property
    def _data(self) -> Path:
        return self.path / self._serving.folder

    @contextmanager
    def _written(self, *documents: UUID) -> Iterator[EdgeShard]:
        """The shard that serves, for one writer at a time: it may be another one than a moment ago."""
        self._ready()
        with self._writing:
            if self._shard is None:
                raise StoreError(f"The index at {self.path} is closed.")
            if self._touched is not None:
                self._touched.update(documents)
            yield self._shard

    def _secure(self, shard: EdgeShard, *, written: int) -> None:
        """Past the page cache: the log each time, the segments from time to time."""
        sync_log(self._data)
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
        if create_with is None and not holds_index(self.path / edge_graph.read_serving(self.path).folder):
            raise StoreError(f"There is no index at {self.path} yet: prepare() it first.")
        self.path.mkdir(parents=True, exist_ok=True)
        self._owner.acquire()
        try:
            self._serving = edge_graph.read_serving(self.path)
            edge_graph.clear_others(self.path, self._serving)
            shard, self.dimension = open_shard(self._data, create_with=create_with)
        except BaseException:
            self._owner.release()
            raise
        self._shard = shard
