"""/v1/embeddings and /v1/rerank, called with the clients that people use."""

from __future__ import annotations

import httpx
import openai
import pytest

from apps.assistants.models import Usage
from tests.factories import Api
from tests.fakes.embedder import HashEmbedder
from tests.test_openai_endpoint import client_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bob(live, knowledge) -> openai.OpenAI:
    return client_of(live, knowledge.bob, "search")


@pytest.fixture
def api(people, rag) -> Api:
    return Api(people.bob, "search")


def test_vectors_come_in_order_in_both_encodings_and_are_counted(bob, knowledge):
    texts = ["annual leave", "travel"]
    floats = bob.embeddings.create(model="askive-embedding", input=texts, encoding_format="float")
    packed = bob.embeddings.create(model="hash-trigrams", input=texts)
    expected = HashEmbedder().embed_documents(texts)
    assert [item.index for item in floats.data] == [0, 1]
    for answer in (floats, packed):
        assert [item.embedding for item in answer.data] == [
            pytest.approx(vector, abs=1e-6) for vector in expected
        ]
    assert floats.usage.prompt_tokens == floats.usage.total_tokens > 0
    row = Usage.objects.get(user=knowledge.bob, kind="embedding")
    assert (row.requests, row.prompt_tokens) == (2, 2 * floats.usage.prompt_tokens)


def test_one_text_and_a_query_are_taken_too(api):
    one = api.post("/v1/embeddings", {"input": "leave", "input_type": "query"}).json()
    assert len(one["data"]) == 1 and len(one["data"][0]["embedding"]) == 64
    assert api.post("/v1/embeddings", {"input": ["leave"], "dimensions": 64}).status_code == 200


def test_langchain_embeds_with_it(live, knowledge):
    from langchain_openai import OpenAIEmbeddings

    key = client_of(live, knowledge.bob, "search").api_key
    options = {"base_url": f"{live}/v1", "api_key": key, "model": "askive-embedding", "max_retries": 0}
    vectors = OpenAIEmbeddings(**options, check_embedding_ctx_length=False).embed_documents(["a leave", "b"])
    assert [len(vector) for vector in vectors] == [64, 64]


def test_tokens_in_place_of_texts_are_refused_with_the_way_out(bob):
    with pytest.raises(openai.BadRequestError, match="check_embedding_ctx_length"):
        bob.embeddings.create(model="askive-embedding", input=[[1, 2, 3]])


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"input": []}, 400, "input"),
        ({"input": ["  "]}, 400, "input"),
        ({"input": [1, 2, 3]}, 400, "input"),
        ({"input": [[1, 2], [3]]}, 400, "input"),
        ({"input": ["x"] * 257}, 400, "input"),
        ({"input": "x" * 32_001}, 400, "input"),
        ({"input": ["x" * 31_000] * 33}, 400, "input"),
        ({"input": "x", "dimensions": 5}, 400, "dimensions"),
        ({"input": "x", "model": "text-embedding-3-small"}, 404, None),
        ({"input": "x", "encoding_format": "hex"}, 422, None),
        ({}, 422, None),
    ],
)
def test_what_cannot_be_embedded_is_said_in_the_clients_shape(api, body, status, param):
    answer = api.post("/v1/embeddings", body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["message"]
    assert param is None or error["param"] == param
    assert not Usage.objects.exists()


def test_documents_come_back_by_relevance(api, people):
    documents = [
        "The canteen opens at noon. " * 20,
        {"text": "Annual leave is five days a year for everybody here. " * 12},
        "Doors close at nine in the evening on all days. " * 12,
    ]
    body = {"query": "annual leave days", "documents": documents, "top_n": 2, "return_documents": True}
    answer = api.post("/v1/rerank", body).json()
    assert [row["index"] for row in answer["results"]][0] == 1
    assert len(answer["results"]) == 2
    first = answer["results"][0]
    assert first["document"]["text"].startswith("Annual leave")
    assert 0 <= answer["results"][1]["relevance_score"] <= first["relevance_score"] <= 1
    assert answer["usage"]["total_tokens"] == Usage.objects.get(kind="rerank").prompt_tokens


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"query": "", "documents": ["a"]}, 422),
        ({"query": "x", "documents": []}, 422),
        ({"query": "x", "documents": ["a"] * 101}, 400),
        ({"query": "x", "documents": [{"body": "a"}]}, 400),
        ({"query": "x", "documents": ["a"], "model": "jina-reranker"}, 404),
    ],
)
def test_what_cannot_be_reranked_is_said(api, body, status):
    answer = api.post("/v1/rerank", body)
    assert (answer.status_code, bool(answer.json()["error"]["message"])) == (status, True)


def test_the_products_own_clients_can_use_it(live, knowledge):
    """One instance can be the embedding and rerank service of another."""
    from apps.rag.embedders.endpoint import EndpointEmbedder
    from apps.rag.rerankers.endpoint import EndpointReranker

    key = client_of(live, knowledge.bob, "search").api_key
    embedder = EndpointEmbedder(f"{live}/v1", model="askive-embedding", api_key=key)
    reranker = EndpointReranker(f"{live}/v1", model="askive-rerank", api_key=key)
    try:
        assert embedder.dimension == 64
        assert len(reranker.rerank("leave", ["annual leave", "doors"])) == 2
    finally:
        embedder.close()
        reranker.close()


def test_the_scope_is_search(live, knowledge):
    for path, body in (("embeddings", {"input": "x"}), ("rerank", {"query": "x", "documents": ["x"]})):
        key = client_of(live, knowledge.bob, "chat").api_key
        answer = httpx.post(f"{live}/v1/{path}", json=body, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 403
