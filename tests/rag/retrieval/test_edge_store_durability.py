"""The embedded store keeps what it said it wrote, and has one owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from apps.rag.errors import StoreError
from apps.rag.stores.edge import EdgeStore

from .make import DIMENSION, ENCODER, chunk, encoded, scope

WRITER = """
import sys, time
from uuid import UUID
sys.path.insert(0, sys.argv[3])
from apps.rag.sparse import BigramEncoder
from apps.rag.stores.edge import EdgeStore
from apps.rag.types import Chunk, EncodedChunk, chunk_id
store = EdgeStore(sys.argv[1])
store.prepare(dimension=8)
document = UUID(sys.argv[2])
encoder = BigramEncoder()
for start in range(0, 640, 64):
    store.upsert([
        EncodedChunk(Chunk(chunk_id(document, 1, i), document, 1, i, "", f"第{i}段"), document, document,
                     encoder.encode_documents([f"第{i}段"])[0], (0.1,) * 8)
        for i in range(start, start + 64)
    ])
    print(start + 64, flush=True)
time.sleep(60)
"""
ROOT = str(Path(__file__).parents[3])


def write_and_hold(path: Path, document: UUID) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(document), ROOT], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("batches", [1, 10])
def test_kill_9_loses_nothing_that_upsert_returned_for(tmp_path: Path, batches: int) -> None:
    document = uuid4()
    process = write_and_hold(tmp_path / "index", document)
    assert process.stdout is not None
    written = [int(process.stdout.readline()) for _ in range(batches)][-1]
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=10)
    store = EdgeStore(tmp_path / "index")
    assert store.count(document) >= written
    assert len(store.point_ids(document)) == store.count(document)
    store.upsert([encoded(chunk("之后", document=document, index=9999), cabinet=document)])
    assert store.search_sparse(ENCODER.encode_query("之后"), scope(document), limit=1)
    store.close()


def test_a_second_process_is_refused_in_plain_words(tmp_path: Path) -> None:
    process = write_and_hold(tmp_path / "index", uuid4())
    assert process.stdout is not None
    process.stdout.readline()
    try:
        with pytest.raises(StoreError, match=f"in use by process {process.pid}"):
            EdgeStore(tmp_path / "index").count()
    finally:
        process.kill()
        process.wait(timeout=10)


def test_a_closed_index_opens_again_with_its_points(tmp_path: Path) -> None:
    cabinet = uuid4()
    item = chunk("重开之后仍在")
    store = EdgeStore(tmp_path / "index")
    store.prepare(dimension=DIMENSION)
    store.upsert([encoded(item, cabinet=cabinet)])
    store.close()
    store.close()
    again = EdgeStore(tmp_path / "index")
    again.prepare(dimension=DIMENSION)
    assert [
        h.chunk_id for h in again.search_sparse(ENCODER.encode_query("仍在"), scope(cabinet), limit=5)
    ] == [item.id]
    again.close()
    with pytest.raises(StoreError) as refused:
        EdgeStore(tmp_path / "index").prepare(dimension=DIMENSION * 2)
    assert refused.value.code == "store_mismatch"


def test_an_index_that_was_never_prepared_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="prepare"):
        EdgeStore(tmp_path / "index").count()


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shard" / "segments" / "x").mkdir(parents=True)
    with pytest.raises(StoreError):
        EdgeStore(tmp_path).prepare(dimension=DIMENSION)
