"""The LangChain retriever gives our passages as documents."""

from __future__ import annotations

import json

from apps.rag.types import ScoredChunk

from .make import chunk


def test_passages_become_documents_with_json_metadata() -> None:
    from apps.rag.langchain import SearchRetriever

    item = chunk("年假为十五天", title="休假办法")
    asked: list[str] = []

    def search(query: str) -> list[ScoredChunk]:
        asked.append(query)
        return [ScoredChunk(item, 0.9, {"sparse": 4.2})]

    (document,) = SearchRetriever(search=search).invoke("年假")
    assert asked == ["年假"]
    assert (document.id, document.page_content) == (str(item.id), item.text)
    assert json.loads(json.dumps(document.metadata))["title"] == "休假办法"
