"""Requests and set-up of the embedded engine, and its faults as StoreError."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from apps.rag.durable import sync
from apps.rag.errors import StoreError
from apps.rag.stores.common import (
    DENSE,
    KEPT_AXES,
    SPARSE,
    UUID_FIELDS,
    Axis,
    mismatch,
    payload,
    scope_axes,
    strings,
)
from apps.rag.types import EncodedChunk, SearchScope

if TYPE_CHECKING:
    from qdrant_edge import EdgeShard

Result = TypeVar("Result")


def holds_index(data: Path) -> bool:
    segments = data / "segments"
    return segments.is_dir() and any(segments.iterdir())


def open_shard(data: Path, *, create_with: int | None) -> tuple[EdgeShard, int]:
    """The shard in `data` and the dimension of its vectors; a new one of `create_with` where there is none."""
    from qdrant_edge import EdgeShard

    if holds_index(data):
        shard, dimension = call(EdgeShard.load, str(data)), stored_dimension(data)
    else:
        data.mkdir(parents=True, exist_ok=True)
        dimension = create_with or 0
        shard = create_shard(data, dimension)
    ensure_indexes(shard)
    return shard, dimension


def create_shard(data: Path, dimension: int) -> EdgeShard:
    import qdrant_edge as edge

    config = edge.EdgeConfig(
        vectors={DENSE: edge.EdgeVectorParams(size=dimension, distance=edge.Distance.Cosine)},
        sparse_vectors={SPARSE: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
    )
    return call(edge.EdgeShard.create, str(data), config)


def stored_dimension(data: Path) -> int:
    try:
        config = json.loads((data / "edge_config.json").read_text())
        return int(config["vectors"][DENSE]["size"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise mismatch(f"The folder {data} is not an index of this product: {error!r}") from error


def sync_log(data: Path) -> None:
    """fsync the write-ahead log."""
    try:
        for segment in (data / "wal").iterdir():
            sync(segment)
    except FileNotFoundError:
        # The engine retires a log segment once it is flushed: then it needs no sync. No log at all is a fault.
        if not (data / "wal").is_dir():
            raise StoreError(f"The embedded index at {data} has lost its log.") from None
    except OSError as error:
        raise StoreError(f"The log of the embedded index cannot be written: {error}") from error


def ensure_indexes(shard: EdgeShard) -> None:
    """Payload indexes make filters fast; missing ones (a crash just after creation) are added."""
    from qdrant_edge import IntegerIndexParams, UpdateOperation, UuidIndexParams

    present = call(shard.info).payload_schema
    for field in UUID_FIELDS:
        if field not in present:
            call(shard.update, UpdateOperation.create_field_index(field, UuidIndexParams()))
    if "generation" not in present:
        params = IntegerIndexParams(lookup=True, range=False)
        call(shard.update, UpdateOperation.create_field_index("generation", params))


def edge_point(point: EncodedChunk) -> Any:
    import qdrant_edge as edge

    vectors: dict[str, Any] = {}
    if point.dense is not None:
        vectors[DENSE] = list(point.dense)
    if point.sparse.indices:
        vectors[SPARSE] = edge.SparseVector(
            indices=list(point.sparse.indices), values=list(point.sparse.values)
        )
    return edge.Point(point.chunk.id, vectors, payload(point))


def equals(field: str, value: str | int) -> Any:
    from qdrant_edge import FieldCondition, MatchValue

    return FieldCondition(field, match=MatchValue(value))


def document_filter(document_id: UUID | None, *, generation: int | None = None) -> Any:
    from qdrant_edge import Filter

    must = [] if document_id is None else [equals("document_id", str(document_id))]
    if generation is not None:
        must.append(equals("generation", generation))
    return Filter(must=must) if must else None


def doomed_filter(document_id: UUID, *, keep_generation: int | None, below: int | None) -> Any:
    from qdrant_edge import FieldCondition, Filter, RangeFloat

    must = [equals("document_id", str(document_id))]
    if below is not None:
        must.append(FieldCondition("generation", range=RangeFloat(lt=below)))
    keep = [] if keep_generation is None else [equals("generation", keep_generation)]
    return Filter(must=must, must_not=keep)


def scope_filter(scope: SearchScope) -> Any:
    """All axes in `must`: an empty `should` or no filter at all would match everything."""
    from qdrant_edge import Filter

    return Filter(must=[_axis(axis) for axis in scope_axes(scope)])


@lru_cache(maxsize=KEPT_AXES)
def _axis(axis: tuple[Axis, ...]) -> Any:
    from qdrant_edge import FieldCondition, Filter, MatchAny

    some: list[Any] = [FieldCondition(field, match=MatchAny(any=strings(ids))) for field, ids in axis]
    return some[0] if len(some) == 1 else Filter(should=some)


def call(function: Callable[..., Result], *arguments: Any) -> Result:
    """The engine raises bare Exceptions; the pipeline knows StoreError."""
    try:
        return function(*arguments)
    except Exception as error:
        if "dimension" in str(error) or "incompatible" in str(error):
            raise mismatch(str(error)) from error
        raise StoreError(f"The embedded index failed: {error}") from error
