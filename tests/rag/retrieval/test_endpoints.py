"""Embeddings and reranking over HTTP: order, shape and every fault as one of ours."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

from apps.rag.embedders.endpoint import EndpointEmbedder
from apps.rag.errors import EmbedError, RerankError
from apps.rag.rerankers.endpoint import EndpointReranker

from .scripted import as_json, http_server


def embeddings(path: str, body: dict[str, Any]) -> tuple[int, bytes]:
    """Vectors [length of the text, 1, 0], answered in reverse order."""
    rows = [
        {"object": "embedding", "index": i, "embedding": [float(len(text)), 1.0, 0.0]}
        for i, text in enumerate(body["input"])
    ]
    return as_json(
        {
            "object": "list",
            "model": body["model"],
            "data": rows[::-1],
            "usage": {"prompt_tokens": 1, "total_tokens": 1},
        }
    )


@pytest.fixture
def embedder() -> Iterator[tuple[EndpointEmbedder, list[dict[str, Any]]]]:
    with http_server(embeddings) as (url, seen):
        made = EndpointEmbedder(f"{url}/v1", model="bge-m3", api_key="secret", languages=["zh", "en"])
        yield made, seen
        made.close()


class TestEmbeddings:
    def test_vectors_are_reordered_and_of_length_one(self, embedder: Any) -> None:
        made, _ = embedder
        rows = made.embed_documents(["字" * n for n in (1, 3, 2)])
        assert [round(row[0] / row[1]) for row in rows] == [1, 3, 2]
        assert all(math.isclose(math.hypot(*row), 1.0) for row in rows)

    def test_long_lists_go_in_batches_of_64(self, embedder: Any) -> None:
        made, seen = embedder
        assert len(made.embed_documents(["x"] * 130)) == 130
        assert [len(one["body"]["input"]) for one in seen] == [64, 64, 2]
        assert {one["authorization"] for one in seen} == {"Bearer secret"}
        assert made.embed_documents([]) == []

    def test_the_dimension_is_asked_once(self, embedder: Any) -> None:
        made, seen = embedder
        assert (made.dimension, made.dimension, len(seen)) == (3, 3, 1)

    def test_a_known_query_is_not_sent_again(self, embedder: Any) -> None:
        made, seen = embedder
        assert made.embed_query("年假") == made.embed_query("年假")
        assert len(seen) == 1

    def test_another_dimension_than_stated_is_refused(self) -> None:
        with http_server(embeddings) as (url, _), pytest.raises(EmbedError) as fault:
            EndpointEmbedder(url, model="m", dimension=1024).embed_query("x")
        assert fault.value.code == "embedder_mismatch" and not fault.value.retryable

    @pytest.mark.parametrize(
        ("answer", "retryable"),
        [
            (as_json({"error": {"message": "no such model"}}, 404), False),
            (as_json({"error": {"message": "key"}}, 401), False),
            (as_json({"error": {"message": "later"}}, 503), True),
            ((200, b"<html>proxy</html>"), True),
            ((200, b'{"data": [{"index": 0'), True),
            (as_json({"object": "list", "data": [], "model": "m"}), True),
            (as_json({"object": "list", "data": [{"index": 7, "embedding": [1.0]}], "model": "m"}), True),
            (
                as_json({"object": "list", "data": [{"index": 0, "embedding": [0.0, 0.0]}], "model": "m"}),
                False,
            ),
        ],
    )
    def test_every_bad_answer_is_an_embed_error(self, answer: tuple[int, bytes], retryable: bool) -> None:
        with http_server(lambda path, body: answer) as (url, _), pytest.raises(EmbedError) as fault:
            EndpointEmbedder(url, model="m").embed_query("x")
        assert fault.value.retryable is retryable

    def test_a_refused_connection_is_an_embed_error(self) -> None:
        with pytest.raises(EmbedError):
            EndpointEmbedder("http://127.0.0.1:9", model="m").embed_query("x")

    def test_senseless_settings_are_refused(self) -> None:
        with pytest.raises(ValueError, match="http"):
            EndpointEmbedder("localhost:8000", model="m")
        with pytest.raises(ValueError, match="model"):
            EndpointEmbedder("http://localhost:8000", model="")


class TestReranking:
    def test_scores_return_in_the_order_of_the_texts(self) -> None:
        rows = {"results": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.2}]}
        with http_server(lambda path, body: as_json(rows)) as (url, seen):
            reranker = EndpointReranker(f"{url}/v1", model="bge-reranker", api_key="secret")
            assert reranker.rerank("问", ["甲", "乙"]) == [0.2, 0.9]
            reranker.close()
        assert seen[0]["path"] == "/v1/rerank"
        assert seen[0]["body"] == {
            "query": "问",
            "documents": ["甲", "乙"],
            "top_n": 2,
            "model": "bge-reranker",
        }
        assert seen[0]["authorization"] == "Bearer secret"

    def test_raw_logits_are_squeezed_into_0_to_1(self) -> None:
        rows = [{"index": 0, "score": -4.0}, {"index": 1, "score": 4.0}]
        with http_server(lambda path, body: as_json(rows)) as (url, _):
            low, high = EndpointReranker(url).rerank("q", ["a", "b"])
        assert 0 < low < 0.05 < 0.95 < high < 1

    def test_no_texts_need_no_call(self) -> None:
        assert EndpointReranker("http://127.0.0.1:9").rerank("q", []) == []

    @pytest.mark.parametrize(
        "answer",
        [
            as_json({"error": "busy"}, 503),
            (200, b"<html>"),
            as_json({"results": None}),
            as_json({"results": [{"index": 0}]}),
            as_json({"results": [{"index": 5, "relevance_score": 0.5}]}),
            (200, b'{"results": [{"index": 0, "relevance_score": NaN}]}'),
        ],
    )
    def test_every_bad_answer_is_a_rerank_error(self, answer: tuple[int, bytes]) -> None:
        with http_server(lambda path, body: answer) as (url, _), pytest.raises(RerankError):
            EndpointReranker(url).rerank("q", ["a"])
