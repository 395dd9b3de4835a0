"""The dense vector of a question while it is being made: the words are searched meanwhile.

The model computes in another process, so that what needs no vector (rights, facets, the sparse leg, the passages it
finds) costs nothing beside it.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from apps.rag.indexing import competent
from apps.rag.interfaces import Embedder

THREADS = 32  # questions that wait for the model at once; each only waits

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="query-vector")


@dataclass(frozen=True, slots=True)
class QueryVector:
    """Of `text` by `embedder`; `made` is None where that cannot read the question's language."""

    text: str
    made: Future[list[float]] | None

    @property
    def pending(self) -> bool:
        return self.made is not None and not self.made.done()

    def wait(self) -> list[float] | None:
        """The vector, or None. Raises EmbedError."""
        return None if self.made is None else self.made.result()


def begin(text: str, language: str, *, embedder: Embedder) -> QueryVector:
    """`text` is a clean query (retrieval.clean_query)."""
    if not competent(embedder, language):
        return QueryVector(text, None)
    return QueryVector(text, _threads.submit(embedder.embed_query, text))
