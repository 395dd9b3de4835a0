"""The embedded index gets its graph on a copy, while it serves and is written, and nothing is lost on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest

from apps.rag.errors import StoreError
from apps.rag.stores import edge_graph
from apps.rag.stores.edge import EdgeStore
from apps.rag.types import Chunk, EncodedChunk, SearchScope, SparseVector, chunk_id

from .make import DIMENSION, ENCODER, chunk, encoded, scope, vector

CABINET = uuid4()
ROOT = Path(__file__).parents[3]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EdgeStore]:
    """Small enough to be quick, and due."""
    monkeypatch.setattr(edge_graph, "LEAST", 100)
    made = EdgeStore(tmp_path / "index")
    made.prepare(dimension=DIMENSION)
    yield made
    made.close()


def fill(store: EdgeStore, count: int, *, word: str = "通知") -> UUID:
    """A document of so many points."""
    document = uuid4()
    points = [
        encoded(chunk(f"{word} {i}", document=document, index=i), cabinet=CABINET) for i in range(count)
    ]
    for start in range(0, count, 200):
        store.upsert(points[start : start + 200])
    return document


def found(store: EdgeStore, word: str, where: SearchScope | None = None) -> set[UUID]:
    """Documents in which the words leg finds it; the dense leg is asked as well."""
    where = where or scope(CABINET)
    assert store.search_dense(vector(word), where, limit=5)
    return {hit.document_id for hit in store.search_sparse(ENCODER.encode_query(word), where, limit=500)}


def folders(store: EdgeStore) -> list[str]:
    return sorted(entry.name for entry in store.path.iterdir() if entry.is_dir())


def meanwhile(do: Callable[[], object]) -> Callable[[], bool]:
    """Does it once, in the middle of the build."""
    left = [do]

    def stopped() -> bool:
        while left:
            left.pop()()
        return False

    return stopped


def test_what_is_written_during_the_build_is_in_the_new_index(store: EdgeStore) -> None:
    kept, doomed, moved = fill(store, 120), fill(store, 60, word="作废"), fill(store, 60, word="搬迁")
    elsewhere, added = uuid4(), []

    def write() -> None:
        added.append(fill(store, 700, word="新增"))  # more than a page
        store.delete(doomed)
        store.move(moved, cabinet_id=elsewhere, folder_id=elsewhere)

    before = folders(store)
    assert store.maintain(stopped=meanwhile(write))
    assert folders(store) != before and len(folders(store)) == 1
    for _ in range(2):
        assert store.count() == 120 + 60 + 700
        assert found(store, "新增") == set(added) and found(store, "通知") == {kept}
        assert not store.point_ids(doomed)
        assert store.places(moved) == {(elsewhere, elsewhere)}
        assert found(store, "搬迁", scope(elsewhere)) == {moved}
        store.close()
        store.prepare(dimension=DIMENSION)


def test_the_points_taken_over_are_the_same_to_the_last_number(store: EdgeStore) -> None:
    word = "逐位相同"
    fill(store, 150)
    assert store.maintain(stopped=meanwhile(lambda: fill(store, 30, word=word)))
    for query in (vector(f"{word} 7"), vector("通知 7")):
        assert store.search_dense(query, scope(CABINET), limit=1)[0].score == pytest.approx(1, abs=1e-6)
    weights = ENCODER.encode_query(word)
    scores = {hit.score for hit in store.search_sparse(weights, scope(CABINET), limit=30)}
    fresh = EdgeStore(store.path.parent / "fresh")
    fresh.prepare(dimension=DIMENSION)
    fill(fresh, 150)
    fill(fresh, 30, word=word)
    expected = {hit.score for hit in fresh.search_sparse(weights, scope(CABINET), limit=30)}
    fresh.close()
    assert sorted(scores) == pytest.approx(sorted(expected))


def test_searches_go_on_through_the_change(store: EdgeStore) -> None:
    fill(store, 300)
    done, faults = threading.Event(), []

    def search() -> None:
        try:
            while not done.is_set():
                assert len(store.search_dense(vector("x"), scope(CABINET), limit=50)) == 50
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert store.maintain(stopped=lambda: bool(faults))
    done.set()
    for thread in threads:
        thread.join(timeout=20)
    assert not faults


def test_it_is_made_again_only_when_a_quarter_is_new(store: EdgeStore) -> None:
    fill(store, 99)
    assert not store.maintain(stopped=lambda: False)  # too small
    fill(store, 101)
    assert store.maintain(stopped=lambda: False)
    fill(store, 60)
    assert not store.maintain(stopped=lambda: False)
    fill(store, 20)
    assert store.maintain(stopped=lambda: False)
    store.close()
    store.prepare(dimension=DIMENSION)
    assert not store.maintain(stopped=lambda: False)  # it is remembered


@pytest.mark.parametrize("how", ["stopped", "closed"])
def test_a_stop_in_the_middle_leaves_the_old_index(store: EdgeStore, how: str) -> None:
    document = fill(store, 150)
    before = folders(store)
    if how == "stopped":
        assert not store.maintain(stopped=lambda: True)
    else:
        closing = threading.Thread(target=store.close)
        assert not store.maintain(stopped=meanwhile(closing.start))
        closing.join(timeout=20)
        store.prepare(dimension=DIMENSION)
    assert folders(store) == before
    assert found(store, "通知") == {document}


def test_a_build_that_fails_says_so_and_is_not_tried_again_at_once(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = fill(store, 150)
    before = folders(store)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/bin/false")
        with pytest.raises(StoreError, match="without a new graph"):
            store.maintain(stopped=lambda: False)
    assert folders(store) == before
    assert not store.maintain(stopped=lambda: False)
    assert found(store, "通知") == {document}


def test_a_disk_without_room_is_told_before_it_is_full(
    store: EdgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, 150)
    monkeypatch.setattr(edge_graph, "ROOM", 2**50)
    with pytest.raises(StoreError, match="MB are free"):
        store.maintain(stopped=lambda: False)
    assert folders(store) == ["shard"]


def test_what_a_killed_process_left_half_done_is_cleared_at_the_next_opening(store: EdgeStore) -> None:
    document = fill(store, 150)
    assert store.maintain(stopped=lambda: False)
    store.close()
    for leftover in ("shard", "shard-0badf00d"):
        (store.path / leftover / "segments" / "half").mkdir(parents=True)
    store.prepare(dimension=DIMENSION)
    assert len(folders(store)) == 1
    assert found(store, "通知") == {document}


def test_a_note_that_cannot_be_read_is_a_fault_and_no_empty_index(store: EdgeStore) -> None:
    fill(store, 150)
    assert store.maintain(stopped=lambda: False)
    store.close()
    note = store.path / "serving.json"
    said = note.read_text()
    note.write_text("{")
    with pytest.raises(StoreError, match=r"serving\.json"):
        store.prepare(dimension=DIMENSION)
    note.write_text(said)
    store.prepare(dimension=DIMENSION)
    assert store.count() == 150


def test_a_builder_whose_owner_is_gone_ends(store: EdgeStore) -> None:
    fill(store, 150)
    store.close()
    stranger = 1  # not the process that starts it
    command = [sys.executable, "-m", "apps.rag.stores.edge_graph", str(store.path / "shard"), str(stranger)]
    assert subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode == -signal.SIGKILL


def test_a_large_index_has_a_graph_that_finds_what_a_full_scan_finds(
    store: EdgeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size, dimension, document = 2_800, 1_024, uuid4()  # 11 MB of vectors: the engine makes a graph from 10
    chance = np.random.default_rng(5)
    topics = chance.normal(size=(40, dimension))
    rows = topics[chance.integers(0, 40, size)] + 0.6 * chance.normal(size=(size, dimension))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    large = EdgeStore(tmp_path / "large")
    large.prepare(dimension=dimension)
    points = [
        EncodedChunk(
            Chunk(chunk_id(document, 1, i), document, 1, i, "", ""),
            CABINET,
            CABINET,
            SparseVector((1,), (1.0,)),
            tuple(row),
        )
        for i, row in enumerate(rows.tolist())
    ]
    for start in range(0, size, 256):
        large.upsert(points[start : start + 256])
    assert large.maintain(stopped=lambda: False)
    assert list(large.path.rglob("graph*")), os.listdir(large.path)
    asked = rows[:40] + 0.3 * chance.normal(size=(40, dimension)) / np.sqrt(dimension)
    for query in asked:
        best = [points[i].chunk.id for i in np.argsort(-(rows @ query))[:10]]
        got = {
            hit.chunk_id
            for hit in large.search_dense((query / np.linalg.norm(query)).tolist(), scope(CABINET), limit=10)
        }
        assert len(got & set(best)) >= 9
    large.close()
