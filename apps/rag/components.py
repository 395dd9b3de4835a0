"""Builds the parts that settings.RAG names by dotted path, once a process. The only module of rag
that knows Django.

Which index serves is asked through settings.RAG["INDEX"], at most once a second: after a switch every
process goes over to the new one by itself. What served before is closed a while later, so that whoever
still reads it can finish.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from apps.rag.interfaces import Embedder, Reranker, SparseEncoder, VectorStore
from apps.rag.sandbox import Limits, ParserPool

INDEX_SECONDS = 1.0
RETIRE_SECONDS = 30.0
_OF_AN_INDEX = ("STORE", "EMBEDDER", "QUERY_EMBEDDER", "RERANKER", "QUIET_RERANKER")
_OF_THE_PROCESS = ("api_key", "priority", "processes")  # options that say nothing about the vectors


@dataclass(frozen=True, slots=True)
class Index:
    """A collection by what is added to the configured name, the embedder its vectors are of and the reranker
    that was chosen: {"BACKEND", "OPTIONS"}, empty for the configured ones."""

    name: str = ""
    embedder: Mapping[str, Any] = field(default_factory=dict)
    reranker: Mapping[str, Any] = field(default_factory=dict)


_building = threading.RLock()
_parts: dict[str, Any] = {}
_retired: dict[str, float] = {}
_serving: tuple[float, Index] | None = None


def index() -> Index:
    """The index that serves, as known at most a second ago."""
    global _serving
    now = time.monotonic()
    known = _serving
    if known is not None and now - known[0] < INDEX_SECONDS:
        return known[1]
    path = settings.RAG.get("INDEX")
    found = Index(*import_string(path)()) if path else Index()
    with _building:
        _serving = (now, found)
        _retire(found, now)
    return found


def _retire(serving: Index, now: float) -> None:
    """Close what belongs to an index that stopped serving a while ago."""
    kept = {_key(name, serving) for name in _OF_AN_INDEX}
    for key in [key for key in _parts if "@" in key]:
        if key in kept:
            _retired.pop(key, None)
        elif now - _retired.setdefault(key, now) > RETIRE_SECONDS:
            del _retired[key]
            _close(_parts.pop(key))


def configured(name: str = "EMBEDDER") -> dict[str, Any]:
    """What the settings name now as EMBEDDER or RERANKER, without keys."""
    entry = settings.RAG[name]
    options = {name: value for name, value in entry["OPTIONS"].items() if name not in _OF_THE_PROCESS}
    return {"BACKEND": entry["BACKEND"], "OPTIONS": json.loads(json.dumps(options, default=str))}


def build_store(of: Index) -> VectorStore:
    """A store of one's own on this index, not prepared; the caller closes it."""
    entry = settings.RAG["STORE"]
    options = dict(entry["OPTIONS"])
    if of.name and "path" in options:
        options["path"] = Path(f"{options['path']}-{of.name}")
    if of.name and "collection" in options:
        options["collection"] = f"{options['collection']}-{of.name}"
    return cast(VectorStore, import_string(entry["BACKEND"])(**options))


def build_embedder(of: Index, *, part: str = "EMBEDDER") -> Embedder:
    """The embedder of this index, of one's own; the caller closes it."""
    entry = settings.RAG[part]
    backend, options = entry["BACKEND"], dict(entry["OPTIONS"])
    if of.embedder:
        made_with = dict(of.embedder["OPTIONS"])
        if of.embedder["BACKEND"] != backend:
            backend, options = of.embedder["BACKEND"], made_with
            if "model" in options and "base_url" not in options:
                options["priority"] = "background" if part == "EMBEDDER" else "interactive"
        else:
            if made_with.get("base_url") != options.get("base_url"):
                options.pop("api_key", None)  # a key never goes to a host that it was not given for
            options.update(made_with)
    return cast(Embedder, import_string(backend)(**_located(options)))


def build_reranker(of: Index, *, quiet: bool = False) -> Reranker:
    """The reranker that was chosen, else the configured one. `quiet`: one that gives way to searches."""
    configured = settings.RAG["RERANKER"]
    entry = of.reranker or configured
    options = dict(entry["OPTIONS"])
    same = all(options.get(name) == configured["OPTIONS"].get(name) for name in ("base_url", "model"))
    if same and entry["BACKEND"] == configured["BACKEND"]:
        options = {**configured["OPTIONS"], **options}  # its key, and how it runs
    if quiet and "base_url" not in options and "model" in options:
        options["priority"] = "background"
    return cast(Reranker, import_string(entry["BACKEND"])(**_located(options)))


def _located(options: dict[str, Any]) -> dict[str, Any]:
    """A model that `manage.py models` installed goes by its name, wherever the data folder is."""
    model = options.get("model")
    if not isinstance(model, str) or "base_url" in options:
        return options
    folder = Path(settings.MODELS_DIR) / model.rpartition("/")[2]
    named = bool(model) and not Path(model).is_absolute() and (folder / "config.json").is_file()
    return {**options, "model": str(folder)} if named else options


def _build(name: str) -> Any:
    entry = settings.RAG[name]
    return import_string(entry["BACKEND"])(**entry["OPTIONS"])


def _key(name: str, of: Index) -> str:
    if name == "STORE":
        return f"{name}@{of.name}"
    return f"{name}@{json.dumps(of.reranker if 'RERANKER' in name else of.embedder, sort_keys=True)}"


def _once(key: str, build: Callable[[], Any]) -> Any:
    if key not in _parts:
        with _building:  # two threads must not open the embedded store twice
            if key not in _parts:
                _parts[key] = build()
    return _parts[key]


def _prepared_store(of: Index) -> VectorStore:
    opened = build_store(of)
    try:
        opened.prepare(dimension=query_embedder(of).dimension)
    except BaseException:
        opened.close()
        raise
    return opened


def store(of: Index | None = None) -> VectorStore:
    """The vector store, its collection prepared: of the index that serves, or of one that was noted before,
    to finish there what was begun. Raises StoreError; the next call tries again."""
    of = of or index()
    return cast(VectorStore, _once(_key("STORE", of), lambda: _prepared_store(of)))


def embedder(of: Index | None = None) -> Embedder:
    """For documents: in the background, never at the cost of a search."""
    of = of or index()
    return cast(Embedder, _once(_key("EMBEDDER", of), lambda: build_embedder(of)))


def query_embedder(of: Index | None = None) -> Embedder:
    of = of or index()
    return cast(
        Embedder, _once(_key("QUERY_EMBEDDER", of), lambda: build_embedder(of, part="QUERY_EMBEDDER"))
    )


def sparse() -> SparseEncoder:
    return cast(SparseEncoder, _once("SPARSE", lambda: _build("SPARSE")))


def reranker() -> Reranker:
    of = index()
    return cast(Reranker, _once(_key("RERANKER", of), lambda: build_reranker(of)))


def quiet_reranker() -> Reranker:
    """For programs that send texts of their own: never at the cost of a search."""
    of = index()
    return cast(Reranker, _once(_key("QUIET_RERANKER", of), lambda: build_reranker(of, quiet=True)))


def parser_pool() -> ParserPool:
    return cast(ParserPool, _once("PARSER_POOL", _build_pool))


def _build_pool() -> ParserPool:
    return ParserPool(size=settings.INGEST_WORKERS, preload=settings.PARSER_PRELOAD)


def parser_limits() -> Limits:
    return Limits(**settings.RAG["PARSER_LIMITS"])


def close() -> None:
    """Close what was opened; for a clean stop and for tests."""
    global _serving
    with _building:
        for part in _parts.values():
            _close(part)
        _parts.clear()
        _retired.clear()
        _serving = None


def _close(part: Any) -> None:
    if hasattr(part, "close"):
        part.close()
