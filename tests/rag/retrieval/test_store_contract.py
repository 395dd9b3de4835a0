"""What every vector store must do, run on the embedded one and on the client's in-memory server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from apps.rag.errors import StoreError
from apps.rag.interfaces import VectorStore
from apps.rag.stores.edge import EdgeStore
from apps.rag.stores.qdrant import QdrantStore
from apps.rag.types import SearchScope, SparseVector, scope_of_places

from .make import DIMENSION, ENCODER, chunk, encoded, scope, vector


@pytest.fixture(params=["edge", "qdrant"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStore]:
    made: VectorStore = (
        EdgeStore(tmp_path / "index") if request.param == "edge" else QdrantStore(location=":memory:")
    )
    made.prepare(dimension=DIMENSION)
    yield made
    made.close()


@pytest.fixture
def cabinet() -> UUID:
    return uuid4()


def sparse_ids(store: VectorStore, query: str, where: SearchScope) -> list[UUID]:
    return [hit.chunk_id for hit in store.search_sparse(ENCODER.encode_query(query), where, limit=10)]


class TestSearch:
    def test_both_legs_find_a_point_and_say_where_it_belongs(self, store: VectorStore, cabinet: UUID) -> None:
        item = chunk("年假为十五个工作日", generation=3)
        store.upsert([encoded(item, cabinet=cabinet)])
        sparse = store.search_sparse(ENCODER.encode_query("年假"), scope(cabinet), limit=5)
        dense = store.search_dense(vector(item.text), scope(cabinet), limit=5)
        for hits in (sparse, dense):
            assert [(h.chunk_id, h.document_id, h.generation) for h in hits] == [
                (item.id, item.document_id, 3)
            ]
        assert dense[0].score == pytest.approx(1.0, abs=1e-4)

    def test_rare_terms_weigh_more_than_common_ones(self, store: VectorStore, cabinet: UUID) -> None:
        common = [chunk(f"办公室 通知 {i}") for i in range(8)]
        rare = chunk("办公室 采购")
        store.upsert([encoded(item, cabinet=cabinet) for item in (*common, rare)])
        assert sparse_ids(store, "通知 采购", scope(cabinet))[0] == rare.id

    def test_a_chunk_without_a_dense_vector_is_found_by_sparse_only(
        self, store: VectorStore, cabinet: UUID
    ) -> None:
        item = chunk("仅有稀疏向量")
        store.upsert([encoded(item, cabinet=cabinet, dense=False)])
        assert sparse_ids(store, "稀疏向量", scope(cabinet)) == [item.id]
        assert store.search_dense(vector("x"), scope(cabinet), limit=5) == []

    def test_a_chunk_without_a_term_is_found_by_dense_only(self, store: VectorStore, cabinet: UUID) -> None:
        item = chunk("？！……")
        store.upsert([encoded(item, cabinet=cabinet)])
        assert [h.chunk_id for h in store.search_dense(vector(item.text), scope(cabinet), limit=5)] == [
            item.id
        ]

    def test_an_empty_query_vector_has_no_hits(self, store: VectorStore, cabinet: UUID) -> None:
        store.upsert([encoded(chunk("正文"), cabinet=cabinet)])
        assert store.search_sparse(SparseVector((), ()), scope(cabinet), limit=5) == []

    def test_the_limit_holds_and_is_bounded(self, store: VectorStore, cabinet: UUID) -> None:
        store.upsert([encoded(chunk(f"通知 {i}"), cabinet=cabinet) for i in range(9)])
        assert len(store.search_sparse(ENCODER.encode_query("通知"), scope(cabinet), limit=4)) == 4
        for limit in (0, 1001):
            with pytest.raises(ValueError, match="1 to 1000"):
                store.search_sparse(ENCODER.encode_query("通知"), scope(cabinet), limit=limit)


class TestScope:
    @pytest.mark.parametrize(
        "empty",
        [
            SearchScope(),
            SearchScope(cabinet_ids=frozenset()),
            SearchScope(folder_ids=frozenset()),
            SearchScope(cabinet_ids=frozenset([uuid4()]), document_ids=frozenset()),
        ],
    )
    def test_an_empty_scope_has_no_hits(self, store: VectorStore, cabinet: UUID, empty: SearchScope) -> None:
        store.upsert([encoded(chunk("年假"), cabinet=cabinet)])
        assert store.search_dense(vector("年假"), empty, limit=5) == []
        assert sparse_ids(store, "年假", empty) == []

    def test_every_axis_must_match(self, store: VectorStore, cabinet: UUID) -> None:
        folder, other = uuid4(), uuid4()
        item = chunk("差旅标准")
        store.upsert(
            [encoded(item, cabinet=cabinet, folder=folder), encoded(chunk("差旅标准"), cabinet=other)]
        )
        both = SearchScope(cabinet_ids=frozenset([cabinet]), folder_ids=frozenset([folder]))
        crossed = SearchScope(cabinet_ids=frozenset([other]), folder_ids=frozenset([folder]))
        single = SearchScope(document_ids=frozenset([item.document_id]))
        assert sparse_ids(store, "差旅", both) == [item.id]
        assert sparse_ids(store, "差旅", crossed) == []
        assert sparse_ids(store, "差旅", single) == [item.id]
        assert [h.chunk_id for h in store.search_dense(vector("x"), both, limit=5)] == [item.id]

    def test_whole_cabinets_and_single_folders_of_others_are_searched_together(
        self, store: VectorStore, cabinet: UUID
    ) -> None:
        folder, other = uuid4(), uuid4()
        whole, part = chunk("差旅标准 一"), chunk("差旅标准 二")
        store.upsert(
            [
                encoded(whole, cabinet=cabinet),
                encoded(part, cabinet=other, folder=folder),
                encoded(chunk("差旅标准 三"), cabinet=other),
            ]
        )
        where = scope_of_places(frozenset([cabinet]), frozenset([folder]))
        assert set(sparse_ids(store, "差旅", where)) == {whole.id, part.id}
        found = store.search_dense(vector("x"), where, limit=5)
        assert {hit.chunk_id for hit in found} == {whole.id, part.id}
        named = replace(where, document_ids=frozenset([part.document_id]))
        assert sparse_ids(store, "差旅", named) == [part.id]
        assert scope_of_places(frozenset(), frozenset()).is_empty
        with pytest.raises(ValueError, match="folders"):
            SearchScope(or_cabinet_ids=frozenset([cabinet]))


class TestWrites:
    def test_upsert_is_idempotent(self, store: VectorStore, cabinet: UUID) -> None:
        points = [encoded(chunk("同一块", document=uuid4()), cabinet=cabinet)]
        store.upsert(points)
        store.upsert(points)
        assert store.count() == 1

    def test_an_upsert_of_nothing_changes_nothing(self, store: VectorStore) -> None:
        store.upsert([])
        assert store.count() == 0

    def test_a_whole_batch_is_readable_at_once_and_a_larger_one_refused(
        self, store: VectorStore, cabinet: UUID
    ) -> None:
        document = uuid4()
        points = [encoded(chunk(f"第{i}段", document=document, index=i), cabinet=cabinet) for i in range(257)]
        store.upsert(points[:256])
        assert store.count(document) == 256
        with pytest.raises(ValueError, match="256"):
            store.upsert(points)

    def test_delete_keeps_other_documents(self, store: VectorStore, cabinet: UUID) -> None:
        gone, kept = chunk("要删的"), chunk("要留的")
        store.upsert([encoded(gone, cabinet=cabinet), encoded(kept, cabinet=cabinet)])
        store.delete(gone.document_id)
        assert (store.count(gone.document_id), store.count(kept.document_id)) == (0, 1)

    def test_delete_can_keep_one_generation(self, store: VectorStore, cabinet: UUID) -> None:
        document = uuid4()
        old = [chunk(f"旧{i}", document=document, generation=1, index=i) for i in range(3)]
        new = [chunk(f"新{i}", document=document, generation=2, index=i) for i in range(2)]
        store.upsert([encoded(item, cabinet=cabinet) for item in (*old, *new)])
        assert (store.count(document, generation=1), store.count(document, generation=2)) == (3, 2)
        store.delete(document, keep_generation=2)
        assert store.point_ids(document) == {(item.id, 2) for item in new}

    def test_delete_can_stop_below_a_generation(self, store: VectorStore, cabinet: UUID) -> None:
        document = uuid4()
        items = [chunk(f"第{n}代", document=document, generation=n) for n in (1, 2, 3, 4)]
        other = chunk("别的文件", generation=1)
        store.upsert([encoded(item, cabinet=cabinet) for item in (*items, other)])
        store.delete(document, keep_generation=1, below=3)
        assert {generation for _key, generation in store.point_ids(document)} == {1, 3, 4}
        store.delete(document, below=4)
        assert {generation for _key, generation in store.point_ids(document)} == {4}
        assert store.count(other.document_id) == 1

    def test_places_tells_where_every_point_says_it_belongs(self, store: VectorStore, cabinet: UUID) -> None:
        document, folder = uuid4(), uuid4()
        store.upsert(
            [encoded(chunk(f"第{n}条", document=document, index=n), cabinet=cabinet) for n in range(3)]
        )
        assert {place[0] for place in store.places(document)} == {cabinet}
        store.move(document, cabinet_id=cabinet, folder_id=folder)
        assert store.places(document) == {(cabinet, folder)}
        assert store.places(uuid4()) == set()

    def test_move_rewrites_where_the_points_belong(self, store: VectorStore, cabinet: UUID) -> None:
        item, other, target = chunk("会议纪要"), chunk("会议纪要"), uuid4()
        store.upsert([encoded(item, cabinet=cabinet), encoded(other, cabinet=cabinet)])
        store.move(item.document_id, cabinet_id=target, folder_id=target)
        assert sparse_ids(store, "会议", scope(target)) == [item.id]
        assert sparse_ids(store, "会议", scope(cabinet)) == [other.id]
        assert store.point_ids(item.document_id) == {(item.id, 1)}

    def test_another_dimension_is_refused(self, store: VectorStore, cabinet: UUID) -> None:
        with pytest.raises(StoreError) as prepared:
            store.prepare(dimension=DIMENSION + 1)
        with pytest.raises(StoreError) as searched:
            store.search_dense([0.1] * (DIMENSION + 1), scope(cabinet), limit=5)
        assert {prepared.value.code, searched.value.code} == {"store_mismatch"}
        assert not prepared.value.retryable


class TestInventory:
    def test_counts_and_ids_are_exact_over_several_pages(self, store: VectorStore, cabinet: UUID) -> None:
        documents = [uuid4() for _ in range(3)]
        for document in documents:
            points = [
                encoded(chunk(f"段{i}", document=document, index=i), cabinet=cabinet) for i in range(200)
            ]
            store.upsert(points)
        assert store.count() == 600
        assert sorted(store.document_ids()) == sorted(documents)
        assert len(store.point_ids(documents[0])) == 200
        assert store.count(uuid4()) == 0
        assert store.point_ids(uuid4()) == set()


class TestConcurrency:
    def test_threads_search_while_one_writes(self, store: VectorStore, cabinet: UUID) -> None:
        store.upsert([encoded(chunk("通知 零"), cabinet=cabinet)])
        faults: list[BaseException] = []
        done = threading.Event()

        def search() -> None:
            try:
                while not done.is_set():
                    assert sparse_ids(store, "通知", scope(cabinet))
                    assert store.search_dense(vector("x"), scope(cabinet), limit=5)
            except BaseException as error:
                faults.append(error)

        threads = [threading.Thread(target=search) for _ in range(3)]
        for thread in threads:
            thread.start()
        for i in range(10):
            store.upsert([encoded(chunk(f"通知 {i} {j}"), cabinet=cabinet) for j in range(20)])
        done.set()
        for thread in threads:
            thread.join(timeout=20)
        assert not faults
        assert store.count() == 201
