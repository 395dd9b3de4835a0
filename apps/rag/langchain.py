"""A LangChain retriever over a search of ours. Imported on demand only: LangChain is heavy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

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
