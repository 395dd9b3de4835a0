"""The LangChain retriever over REST, against the running application."""

from __future__ import annotations

import asyncio
import json

import pytest

from apps.cabinets.services.grants import grants_set
from tests.factories import bearer

pytestmark = pytest.mark.django_db(transaction=True)


def retriever(address: str, user, *scopes: str, **options):
    from apps.rag.langchain import AskiveRetriever

    key = bearer(user, *scopes)["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    return AskiveRetriever(base_url=f"{address}/", api_key=key, **options)


def test_passages_come_back_as_documents_that_are_json(knowledge, live):
    found = retriever(live, knowledge.bob, top_k=1).invoke("差旅住宿标准")
    (document,) = found
    assert "四百元" in document.page_content
    metadata = json.loads(json.dumps(document.metadata))
    assert metadata["title"] == "差旅" and metadata["score"] > 0 and "sparse" in metadata["scores"]
    assert metadata["url"] == f"/documents/{metadata['document_id']}/?chunk={document.id}"
    assert {"page", "page_end", "headings", "boxes"} <= set(metadata)


def test_it_can_be_awaited_and_chained(knowledge, live):
    chain = retriever(live, knowledge.bob) | (lambda found: [one.metadata["title"] for one in found])
    assert asyncio.run(chain.ainvoke("年休假几天"))[0] == "休假"


def test_the_rights_of_the_moment_count(knowledge, live):
    asking = retriever(live, knowledge.bob, cabinet_ids=[str(knowledge.cabinet.pk)])
    assert asking.invoke("年休假")
    grants_set(by=knowledge.alice, cabinet=knowledge.cabinet, entries=[("user:alice", "manager")])
    assert asking.invoke("年休假") == []


def test_faults_say_what_the_server_said(knowledge, live):
    from apps.rag.langchain import AskiveError

    with pytest.raises(AskiveError) as refused:
        retriever(live, knowledge.bob, "chat").invoke("年休假")
    assert refused.value.status == 403
    with pytest.raises(AskiveError) as empty:
        retriever(live, knowledge.bob).invoke(" ")
    assert (empty.value.status, empty.value.errors[0]["field"]) == (422, "query")
    with pytest.raises(AskiveError) as nobody:
        retriever("http://127.0.0.1:9", knowledge.bob, timeout=2).invoke("年休假")
    assert nobody.value.status == 0
    assert "ask_" not in str(nobody.value) and "ask_" not in repr(retriever(live, knowledge.bob))
