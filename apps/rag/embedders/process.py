"""A local model in child processes: the embedder of servers. The web process never imports torch."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from apps.rag.embedders.children import (
    TORCH,
    ChildFailed,
    ChildGone,
    ChildPool,
    ChildSpec,
    ChildTimeout,
    Priority,
)
from apps.rag.embedders.local import Dtype
from apps.rag.embedders.models import describe
from apps.rag.errors import EmbedError

logger = logging.getLogger(__name__)

SHARE = 32  # texts handed to a child at once: a long document spreads over all of them
QUERY_BATCH = 16  # queries that waited together are encoded together
CACHED_QUERIES = 1024
IDLE_SECONDS = 300.0
PATIENCE_SECONDS = 2.0


class ProcessEmbedder:
    """Embedder whose model lives in `processes` children. Thread-safe.

    priority "interactive" answers queries: its child stays and starts early with `warm_later`.
    "background" is for ingestion: lowest priority for the processor, and after `idle_seconds` without
    work the memory is given back. Timeouts in seconds do not count the model's loading."""

    def __init__(
        self,
        model: str,
        *,
        priority: Priority = "interactive",
        processes: int = 1,
        idle_seconds: float | None = None,
        query_timeout: float = 10.0,
        batch_timeout: float = 600.0,
        device: str | None = None,
        dtype: Dtype = "auto",
        max_tokens: int | None = None,
        languages: Iterable[str] | None = None,
    ) -> None:
        if priority not in ("interactive", "background"):
            raise ValueError(f"priority is interactive or background, not {priority!r}.")
        facts = describe(model, languages=frozenset(languages) if languages else None)
        self.name, self.dimension, self.languages = facts.name, facts.dimension, facts.languages
        options = {
            "model": model,
            "device": device,
            "dtype": dtype,
            "max_tokens": max_tokens,
            "languages": sorted(facts.languages),
        }
        if idle_seconds is None and priority == "background":
            idle_seconds = IDLE_SECONDS
        factory = "apps.rag.embedders.local:LocalEmbedder"
        spec = ChildSpec(factory, options, priority, idle_seconds, preload=TORCH)
        self._pool = ChildPool(spec, processes=processes)
        self._queries = QueryGatherer(self._pool, timeout=query_timeout)
        self._batch_timeout = batch_timeout
        self._warmed = threading.Event()  # or nobody asked for it
        self._warmed.set()

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        """Unit vectors in order; the work is shared out to all children."""
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        shares = [order[start : start + SHARE] for start in range(0, len(order), SHARE)]
        vectors: list[list[float]] = [[] for _ in texts]
        for share, rows in zip(
            shares, self._shared([[texts[i] for i in share] for share in shares]), strict=True
        ):
            for number, row in zip(share, rows, strict=True):
                vectors[number] = row
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """From the cache, else with whatever other queries wait. While the model that `warm_later` loads is
        not there yet, EmbedError embedder_starting after PATIENCE_SECONDS: a search has other legs."""
        if not self._warmed.wait(PATIENCE_SECONDS):
            raise EmbedError("The embedding model is still being loaded.", code="embedder_starting")
        return self._queries.embed(text)

    def warm(self) -> None:
        """Load the models now. Raises EmbedError."""
        try:
            self._pool.warm()
        except (ChildFailed, ChildGone, ChildTimeout) as error:
            raise as_embed_error(error) from error

    def warm_later(self) -> None:
        """Load the models in a thread, so that the first query does not wait; a failure is logged."""
        self._warmed.clear()
        threading.Thread(target=self._warm_quietly, name="warm-embedder", daemon=True).start()

    @property
    def pids(self) -> list[int]:
        return self._pool.pids

    def close(self) -> None:
        self._pool.close()

    def _warm_quietly(self) -> None:
        try:
            self.warm()
        except EmbedError as error:
            logger.warning("The embedding model could not be loaded ahead: %s", error.detail)
        finally:
            self._warmed.set()

    def _shared(self, shares: list[list[str]]) -> list[list[list[float]]]:
        if len(shares) <= 1 or self._pool.processes == 1:
            return [self._embed_share(share) for share in shares]
        with ThreadPoolExecutor(max_workers=min(len(shares), self._pool.processes)) as threads:
            return list(threads.map(self._embed_share, shares))

    def _embed_share(self, texts: list[str]) -> list[list[float]]:
        return ask(self._pool, "embed_documents", {"texts": texts}, timeout=self._batch_timeout)


class _Waiting:
    __slots__ = ("error", "text", "vector")

    def __init__(self, text: str) -> None:
        self.text = text
        self.vector: list[float] | None = None
        self.error: EmbedError | None = None


class QueryGatherer:
    """Queries that arrive while the model computes are encoded together next; vectors are cached."""

    def __init__(self, pool: ChildPool, *, timeout: float) -> None:
        self._pool = pool
        self._timeout = timeout
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._cache: OrderedDict[str, list[float]] = OrderedDict()

    def embed(self, text: str) -> list[float]:
        """Raises EmbedError; embedder_timeout where other queries held the model for too long."""
        with self._guard:
            known = self._cache.get(text)
            if known is not None:
                self._cache.move_to_end(text)
                return list(known)
            mine = _Waiting(text)
            self._waiting.append(mine)
        while mine.vector is None and mine.error is None:
            if not self._turn.acquire(timeout=self._timeout + self._pool.spec.start_timeout):
                self._withdraw(mine)
                raise EmbedError("The embedding model is busy.", code="embedder_timeout")
            try:
                if mine.vector is None and mine.error is None:
                    self._encode_waiting()
            finally:
                self._turn.release()
        if mine.error is not None:
            raise EmbedError(mine.error.detail, code=mine.error.code, retryable=mine.error.retryable)
        return list(mine.vector or ())

    def _encode_waiting(self) -> None:
        with self._guard:
            batch, self._waiting = self._waiting[:QUERY_BATCH], self._waiting[QUERY_BATCH:]
        try:
            vectors = ask(
                self._pool, "embed_queries", {"texts": [one.text for one in batch]}, timeout=self._timeout
            )
        except BaseException as error:
            # Whatever went wrong, nobody may wait for a batch that is gone.
            told = (
                error
                if isinstance(error, EmbedError)
                else EmbedError(f"The embedding model failed: {error!r}")
            )
            for one in batch:
                one.error = told
            if not isinstance(error, Exception):
                raise
            return
        with self._guard:
            for one, vector in zip(batch, vectors, strict=True):
                one.vector = vector
                self._cache[one.text] = vector
            while len(self._cache) > CACHED_QUERIES:
                self._cache.popitem(last=False)

    def _withdraw(self, one: _Waiting) -> None:
        with self._guard:
            if one in self._waiting:
                self._waiting.remove(one)


def ask(pool: ChildPool, call: str, arguments: dict[str, Any], *, timeout: float) -> list[list[float]]:
    try:
        return pool.ask(call, arguments, timeout=timeout)
    except (ChildFailed, ChildGone, ChildTimeout) as error:
        raise as_embed_error(error) from error


def as_embed_error(error: Exception) -> EmbedError:
    if isinstance(error, ChildTimeout):
        return EmbedError(f"The embedding model did not answer: {error}", code="embedder_timeout")
    code = error.code if isinstance(error, ChildFailed) and error.code.startswith("embedder_") else None
    return EmbedError(f"The embedding model failed: {error}", code=code)
