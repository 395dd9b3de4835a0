"""LangChain retrievers: over a search of ours in this process, and over REST for programs elsewhere.

Imported on demand only: LangChain is heavy. Nothing here knows Django, so the file can be copied beside a
program that uses it (docs/langchain.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field, SecretStr

from apps.rag.types import ScoredChunk

Search = Callable[[str], Sequence[ScoredChunk]]


class SearchRetriever(BaseRetriever):
    """`search` answers a question with passages that the caller may see, best first."""

    search: Search

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [to_document(passage) for passage in self.search(query)]


def to_document(passage: ScoredChunk) -> Document:
    """The passage as LangChain knows it; ids as strings, so that metadata is JSON."""
    chunk = passage.chunk
    return Document(
        id=str(chunk.id),
        page_content=chunk.text,
        metadata={
            "document_id": str(chunk.document_id),
            "title": chunk.title,
            "headings": list(chunk.headings),
            "page": chunk.page_start,
            "page_end": chunk.page_end,
            "score": passage.score,
            "scores": dict(passage.scores),
        },
    )


class AskiveError(RuntimeError):
    """The server refused or did not answer. `status` is that of HTTP, 0 where nothing was reached; `errors` names
    the fields of a 422."""

    def __init__(self, message: str, *, status: int = 0, errors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.errors = list(errors)


class AskiveRetriever(BaseRetriever):
    """POST {base_url}/api/v1/search with a key of scope `search`: passages that the key's owner may read.

    What is left out is as the searched cabinets are set. `timeout` in seconds. Raises AskiveError."""

    base_url: str
    api_key: SecretStr
    cabinet_ids: list[str] | None = None
    folder_ids: list[str] | None = None
    document_ids: list[str] | None = None
    top_k: int | None = Field(default=None, ge=1, le=50)
    mode: Literal["hybrid", "dense", "sparse"] | None = None
    rerank: bool | None = None
    as_of: str | None = None
    on_behalf_of: str | None = None
    timeout: float = Field(default=30.0, gt=0)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        import httpx

        try:
            with httpx.Client(**self._client()) as client:
                return _documents(client.post("/api/v1/search", json=self._body(query)))
        except httpx.HTTPError as error:
            raise AskiveError(f"{self.base_url} did not answer: {error!r}") from error

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        import httpx

        try:
            async with httpx.AsyncClient(**self._client()) as client:
                return _documents(await client.post("/api/v1/search", json=self._body(query)))
        except httpx.HTTPError as error:
            raise AskiveError(f"{self.base_url} did not answer: {error!r}") from error

    def _client(self) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.api_key.get_secret_value()}"}
        return {
            "base_url": self.base_url.rstrip("/"),
            "headers": headers,
            "timeout": self.timeout,
            "follow_redirects": False,  # the key is for this host alone
        }

    def _body(self, query: str) -> dict[str, Any]:
        names = (
            "cabinet_ids",
            "folder_ids",
            "document_ids",
            "top_k",
            "mode",
            "rerank",
            "as_of",
            "on_behalf_of",
        )
        given = {name: getattr(self, name) for name in names}
        return {"query": query, **{name: value for name, value in given.items() if value is not None}}


def _documents(answer: Any) -> list[Document]:
    """The passages of an answer of httpx."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if answer.status_code != 200:
        problem = body if isinstance(body, dict) else {}
        told = str(problem.get("detail") or answer.reason_phrase)
        raise AskiveError(told, status=answer.status_code, errors=problem.get("errors") or ())
    if not isinstance(body, dict) or not isinstance(body.get("passages"), list):
        raise AskiveError("The answer is not one of /api/v1/search.", status=answer.status_code)
    return [_document(passage) for passage in body["passages"]]


def _document(passage: Mapping[str, Any]) -> Document:
    names = ("document_id", "title", "score", "scores", "url")
    metadata = {name: passage[name] for name in names} | dict(passage["location"])
    return Document(id=passage["chunk_id"], page_content=passage["text"], metadata=metadata)
