"""Builds the parts that settings.RAG names by dotted path, once a process. The only module of rag
that knows Django."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from apps.rag.interfaces import Embedder, Reranker, SparseEncoder, VectorStore
from apps.rag.sandbox import Limits, ParserPool

_building = threading.RLock()
_parts: dict[str, Any] = {}


def _build(name: str) -> Any:
    entry = settings.RAG[name]
    return import_string(entry["BACKEND"])(**entry["OPTIONS"])


def _once(name: str, build: Callable[[str], Any] = _build) -> Any:
    if name not in _parts:
        with _building:  # two threads must not open the embedded store twice
            if name not in _parts:
                _parts[name] = build(name)
    return _parts[name]


def _prepared_store(name: str) -> VectorStore:
    opened = cast(VectorStore, _build(name))
    try:
        opened.prepare(dimension=query_embedder().dimension)
    except BaseException:
        opened.close()
        raise
    return opened


def store() -> VectorStore:
    """The vector store, its collection prepared. Raises StoreError; the next call tries again."""
    return cast(VectorStore, _once("STORE", _prepared_store))


def embedder() -> Embedder:
    """For documents: in the background, never at the cost of a search."""
    return cast(Embedder, _once("EMBEDDER"))


def query_embedder() -> Embedder:
    return cast(Embedder, _once("QUERY_EMBEDDER"))


def sparse() -> SparseEncoder:
    return cast(SparseEncoder, _once("SPARSE"))


def reranker() -> Reranker:
    return cast(Reranker, _once("RERANKER"))


def parser_pool() -> ParserPool:
    return cast(ParserPool, _once("PARSER_POOL", lambda name: ParserPool(size=settings.INGEST_WORKERS)))


def parser_limits() -> Limits:
    return Limits(**settings.RAG["PARSER_LIMITS"])


def close() -> None:
    """Close what was opened; for a clean stop and for tests."""
    with _building:
        for part in _parts.values():
            if hasattr(part, "close"):
                part.close()
        _parts.clear()
