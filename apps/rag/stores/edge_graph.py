"""The graph of the embedded index, built beside it: on a copy, by a process of its own.

Without a graph the engine compares a question with every vector of the scope: 25 ms at 100,000 vectors of 384
numbers, in which no other thread of the server runs. Building one (9 s at 20,000, 65 s at 100,000) keeps the
interpreter just the same. So the folder is copied, the copy gets its graph elsewhere at the lowest priority,
takes over what was written meanwhile, and a small file that is replaced in one step says that it serves from then on.

`python -m apps.rag.stores.edge_graph FOLDER PARENT` is that process.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from apps.rag.durable import sync
from apps.rag.errors import StoreError
from apps.rag.processes import die_with, step_back
from apps.rag.stores.common import PAGE
from apps.rag.stores.edge_engine import call, document_filter, doomed_filter

if TYPE_CHECKING:
    from qdrant_edge import EdgeShard

logger = logging.getLogger(__name__)

LEAST = 10_000  # points from which a graph is worth its making: below, all vectors are read in about 2 ms
GROWN = 0.25  # the share of the points that may be new (or gone) before the graph is made again
BUILD_SECONDS = 3600.0
RETRY_SECONDS = 3600.0  # after a build that failed
ROOM = 3  # times the size of the index that has to be free on its disk: the copy, and what it is merged into
BATCH = 64  # points an engine call
_POLL_SECONDS = 0.2
_SERVING_NAME = "serving.json"
_PREFIX = "shard"
_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Serving:
    """The folder of the index that serves, and how many points it held when it got its graph (0: it has none)."""

    folder: str = _PREFIX
    graphed: int = 0

    def due(self, points: int) -> bool:
        return points >= LEAST and abs(points - self.graphed) >= GROWN * points

    def successor(self, points: int) -> Serving:
        return Serving(f"{_PREFIX}-{uuid4().hex[:8]}", points)


def read_serving(path: Path) -> Serving:
    """Which folder below `path` serves. Raises StoreError where the note cannot be read."""
    try:
        noted = json.loads((path / _SERVING_NAME).read_text())
        return Serving(str(noted["folder"]), int(noted["graphed"]))
    except FileNotFoundError:
        return Serving()
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"The note {path / _SERVING_NAME} cannot be read: {error}", retryable=False
        ) from error


def write_serving(path: Path, serving: Serving) -> None:
    """On disk when it returns, the former note or this one, whenever the power goes."""
    draft = path / f"{_SERVING_NAME}.new"
    with draft.open("w") as file:
        json.dump(asdict(serving), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path / _SERVING_NAME)
    sync(path)


def clear_others(path: Path, serving: Serving) -> None:
    """Remove what builds that were cut off left. For the owner, as it opens the index."""
    for folder in path.glob(f"{_PREFIX}-*"):
        if folder.name != serving.folder:
            shutil.rmtree(folder, ignore_errors=True)
    if serving.folder != _PREFIX:
        shutil.rmtree(path / _PREFIX, ignore_errors=True)


def copy_index(source: Path, target: Path) -> None:
    """Raises StoreError where the disk has no room for a copy and its graph."""
    size = sum(file.stat().st_size for file in source.rglob("*") if file.is_file())
    free = shutil.disk_usage(source).free
    if free < ROOM * size:
        raise StoreError(
            f"The graph of the index needs {ROOM * size >> 20} MB beside it; {free >> 20} MB are free."
        )
    shutil.copytree(source, target)


def build(data: Path, *, stopped: Callable[[], bool]) -> bool:
    """Make the graph of the index in `data`, which nobody serves; False if it was `stopped`. Raises StoreError."""
    command = [sys.executable, "-m", __name__, str(data), str(os.getpid())]
    deadline = time.monotonic() + BUILD_SECONDS
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
        command,
        cwd=_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while True:
            try:
                told = process.communicate(timeout=_POLL_SECONDS)[1]
                break
            except subprocess.TimeoutExpired:
                if stopped():
                    return False
                if time.monotonic() > deadline:
                    raise StoreError(f"The graph was not ready after {BUILD_SECONDS:g} s.") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=10)
    if process.returncode:
        raise StoreError(f"The graph could not be built (status {process.returncode}): {told[-500:].strip()}")
    return True


def catch_up(successor: EdgeShard, shard: EdgeShard, documents: Iterable[UUID]) -> None:
    """Give the successor these documents' points as `shard` holds them now."""
    from qdrant_edge import Point, ScrollRequest, UpdateOperation

    for document in documents:
        doomed = doomed_filter(document, keep_generation=None, below=None)
        call(successor.update, UpdateOperation.delete_points_by_filter(doomed))
        offset, shown = None, document_filter(document)
        while True:
            request = ScrollRequest(
                offset=offset, limit=PAGE, filter=shown, with_payload=True, with_vector=True
            )
            records, offset = call(shard.scroll, request)
            points = [Point(record.id, record.vector or {}, record.payload) for record in records]
            for start in range(0, len(points), BATCH):
                call(successor.update, UpdateOperation.upsert_points(points[start : start + BATCH]))
            if offset is None:
                break


def main(folder: str, parent: str) -> None:
    from qdrant_edge import EdgeShard

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    die_with(int(parent))
    step_back(by=19)
    shard = call(EdgeShard.load, folder)
    call(shard.optimize)
    call(shard.flush)
    call(shard.close)
    for file in Path(folder).rglob("*"):
        if file.is_file():
            sync(file)


if __name__ == "__main__":
    main(*sys.argv[1:])
