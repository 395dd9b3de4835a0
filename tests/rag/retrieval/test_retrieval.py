"""From a question to passages: what is asked, what is left out, what the database decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from apps.rag.errors import EmbedError, RerankError, StoreError
from apps.rag.interfaces import Embedder, Reranker
from apps.rag.rerankers.lexical import LexicalReranker
from apps.rag.retrieval import RetrievalOptions, RetrievalResult, clean_query, retrieve
from apps.rag.stores.edge import EdgeStore
from apps.rag.types import Chunk, Hit, SearchScope

from .make import DIMENSION, ENCODER, HashEmbedder, chunk, encoded, scope

CABINET = uuid4()


class FailingEmbedder(HashEmbedder):
    def embed_query(self, text: str) -> list[float]:
        raise EmbedError("gone", code="embedder_timeout")


class FailingReranker:
    name = "failing"

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        raise RerankError("gone")


class ReverseReranker:
    """A model's word: the last candidate first."""

    name = "reverse"

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        return [place / 100 for place in range(len(texts))]


class Library:
    """An indexed store, and the database that may say no."""

    def __init__(self, store: EdgeStore) -> None:
        self.store = store
        self.rows: dict[UUID, Chunk] = {}
        self.loads: list[int] = []

    def add(self, *chunks: Chunk, visible: bool = True, dense: bool = True) -> None:
        for start in range(0, len(chunks), 200):
            self.store.upsert(
                [encoded(item, cabinet=CABINET, dense=dense) for item in chunks[start : start + 200]]
            )
        if visible:
            self.rows.update({item.id: item for item in chunks})

    def load(self, hits: list[Hit]) -> dict[UUID, Chunk]:
        self.loads.append(len(hits))
        return {hit.chunk_id: self.rows[hit.chunk_id] for hit in hits if hit.chunk_id in self.rows}

    def ask(
        self,
        query: str,
        where: SearchScope | None = None,
        *,
        embedder: Embedder | None = None,
        reranker: Reranker | None = None,
        options: RetrievalOptions | None = None,
    ) -> RetrievalResult:
        return retrieve(
            query,
            scope(CABINET) if where is None else where,
            store=self.store,
            embedder=embedder or HashEmbedder(),
            sparse=ENCODER,
            reranker=reranker,
            load=self.load,
            options=options,
        )


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    store = EdgeStore(tmp_path / "index")
    store.prepare(dimension=DIMENSION)
    yield Library(store)
    store.close()


class TestNothing:
    def test_an_empty_scope_does_not_touch_the_store(self, tmp_path: Path) -> None:
        untouched = Library(EdgeStore(tmp_path / "never made"))
        assert untouched.ask("年假", SearchScope()).passages == ()
        assert not (tmp_path / "never made").exists()

    @pytest.mark.parametrize("query", ["", "   ", "？！。……", "\x00\u200b", "--- *** ---"])
    def test_a_question_without_a_word_has_no_hits(self, library: Library, query: str) -> None:
        library.add(chunk("年假"))
        assert library.ask(query).passages == ()

    def test_an_empty_index_has_no_hits(self, library: Library) -> None:
        assert library.ask("年假").passages == ()


class TestLegs:
    def test_an_incompetent_embedder_is_never_asked(self, library: Library) -> None:
        library.add(chunk("员工年假为十五天"))
        embedder = HashEmbedder("en")
        found = library.ask("年假有几天", embedder=embedder)
        assert embedder.queries == []
        assert (set(found.legs), found.language, found.warnings) == ({"sparse"}, "zh", ())

    def test_a_competent_one_gives_a_second_leg(self, library: Library) -> None:
        item = chunk("Annual leave is fifteen days")
        library.add(item)
        found = library.ask("What is the annual leave?", embedder=HashEmbedder("en"))
        assert set(found.legs) == {"sparse", "dense"}
        assert {"sparse", "dense", "fused"} <= found.passages[0].scores.keys()

    def test_the_mode_chooses_the_legs(self, library: Library) -> None:
        library.add(chunk("年假十天"))
        embedder = HashEmbedder()
        assert set(library.ask("年假", embedder=embedder, options=RetrievalOptions(mode="sparse")).legs) == {
            "sparse"
        }
        assert embedder.queries == []
        assert set(library.ask("年假", embedder=embedder, options=RetrievalOptions(mode="dense")).legs) == {
            "dense"
        }

    def test_asking_for_dense_only_without_competence_falls_back_and_says_so(self, library: Library) -> None:
        library.add(chunk("年假十天"))
        found = library.ask("年假", embedder=HashEmbedder("en"), options=RetrievalOptions(mode="dense"))
        assert found.passages and found.warnings == ("dense_incompetent",)

    def test_a_failing_embedder_leaves_the_sparse_leg_and_a_warning(self, library: Library) -> None:
        library.add(chunk("年假十天"))
        found = library.ask("年假", embedder=FailingEmbedder())
        assert len(found.passages) == 1 and found.warnings == ("embedder_timeout",)

    def test_a_failing_store_is_raised(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError):
            Library(EdgeStore(tmp_path / "none")).ask("年假")


class TestTheDatabaseDecides:
    def test_what_load_does_not_return_is_not_shown(self, library: Library) -> None:
        hidden, shown = chunk("年假规定 甲"), chunk("年假规定 乙")
        library.add(hidden, visible=False)
        library.add(shown)
        assert [passage.chunk.id for passage in library.ask("年假规定").passages] == [shown.id]

    def test_orphans_on_top_are_refilled_from_below(self, library: Library) -> None:
        document = uuid4()
        library.add(*(chunk("年假 年假 年假", document=document, index=i) for i in range(300)), visible=False)
        shown = [chunk(f"关于年假的一般说明以及其他各种安排 {i}") for i in range(5)]
        library.add(*shown)
        found = library.ask("年假", embedder=HashEmbedder("en"), options=RetrievalOptions(limit=5))
        assert {passage.chunk.id for passage in found.passages} == {item.id for item in shown}

    def test_no_hit_is_loaded_twice(self, library: Library) -> None:
        library.add(*(chunk(f"年假 {i}") for i in range(120)), visible=False)
        library.ask("年假", embedder=HashEmbedder("en"))
        assert sum(library.loads) == 120


class TestOrder:
    def test_passages_fall_in_score_and_keep_to_the_limit(self, library: Library) -> None:
        library.add(*(chunk("年假 " * (i % 5 + 1) + f"编号{i}") for i in range(60)))
        found = library.ask("年假", options=RetrievalOptions(limit=7), reranker=LexicalReranker())
        scores = [passage.score for passage in found.passages]
        assert len(scores) == 7 and scores == sorted(scores, reverse=True)
        again = library.ask("年假", options=RetrievalOptions(limit=7), reranker=LexicalReranker())
        assert [p.chunk.id for p in again.passages] == [p.chunk.id for p in found.passages]

    def test_a_model_decides_the_order_alone(self, library: Library) -> None:
        library.add(chunk("年假 年假"), chunk("年假 与其他各种事项的说明"))
        plain, reranked = library.ask("年假"), library.ask("年假", reranker=ReverseReranker())
        assert [p.chunk.id for p in reranked.passages] == [p.chunk.id for p in plain.passages][::-1]
        assert "rerank" in reranked.passages[0].scores and "rerank" not in plain.passages[0].scores

    def test_rerank_can_be_turned_off(self, library: Library) -> None:
        library.add(chunk("年假"))
        found = library.ask("年假", reranker=ReverseReranker(), options=RetrievalOptions(rerank=False))
        assert "rerank" not in found.passages[0].scores

    def test_a_failing_reranker_leaves_the_fused_order_and_a_warning(self, library: Library) -> None:
        library.add(chunk("年假"))
        found = library.ask("年假", reranker=FailingReranker())
        assert len(found.passages) == 1 and found.warnings == ("reranker_unavailable",)

    def test_an_exact_reference_wins_among_alike(self, library: Library) -> None:
        wanted = chunk("依据国发〔2024〕5号，办理年度考核事项")
        library.add(*(chunk(f"依据国发〔2024〕{n}号，办理年度考核事项") for n in range(50, 80)), wanted)
        found = library.ask("国发[2024]5号 年度考核", embedder=HashEmbedder("en"))
        assert found.passages[0].chunk.id == wanted.id
        assert found.passages[0].scores["exact"] == 1.0


def test_timings_name_every_stage(library: Library) -> None:
    library.add(chunk("年假"))
    assert set(library.ask("年假").timings_ms) == {"embed", "search", "load", "rerank", "total"}


def test_questions_are_cleaned_and_capped() -> None:
    assert clean_query(" 年\x00假\u200b \n\t规定 ") == "年 假 规定"
    assert len(clean_query("长" * 10_000)) == 2000


@pytest.mark.parametrize(
    "wrong",
    [{"limit": 0}, {"limit": 51}, {"candidates": 3}, {"candidates": 101}, {"dense_weight": 2}, {"mode": "x"}],
)
def test_senseless_options_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        RetrievalOptions(**wrong)  # type: ignore[arg-type]
