"""What the two stores share: field names, payloads, limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from apps.rag.errors import StoreError
from apps.rag.types import EncodedChunk, Hit, SearchScope

DENSE = "dense"
SPARSE = "sparse"
UUID_FIELDS = ("cabinet_id", "folder_id", "document_id")
PLACE_FIELDS = ("cabinet_id", "folder_id")
HIT_FIELDS = ["document_id", "generation"]
MAX_BATCH = 256  # points a call of upsert
MAX_LIMIT = 1000  # hits a search
PAGE = 500  # points a step of a scroll
KEPT_AXES = 32  # as the store takes them: writing one of thousands of ids takes longer than the search

Payload = dict[str, str | int]
Axis = tuple[str, frozenset[UUID]]

_uuid = lru_cache(maxsize=4096)(UUID)  # many hits of a search are of the same documents


def payload(point: EncodedChunk) -> Payload:
    """What a point carries: where it belongs, and nothing of its text."""
    return {
        "document_id": str(point.chunk.document_id),
        "cabinet_id": str(point.cabinet_id),
        "folder_id": str(point.folder_id),
        "generation": point.chunk.generation,
        "index": point.chunk.index,
    }


def hit(point_id: int | str | UUID, carried: Mapping[str, Any] | None, score: float) -> Hit:
    """A found point. Raises StoreError for one that this product did not write."""
    try:
        carried = carried or {}
        return Hit(
            chunk_id=point_id if isinstance(point_id, UUID) else UUID(str(point_id)),
            document_id=_uuid(carried["document_id"]),
            generation=int(carried["generation"]),
            score=score,
        )
    except (KeyError, ValueError) as error:
        raise mismatch(f"Point {point_id} does not carry {', '.join(HIT_FIELDS)}.") from error


def place(carried: Mapping[str, Any] | None) -> tuple[UUID, UUID]:
    """Where a point says it belongs. Raises StoreError for one that this product did not write."""
    try:
        carried = carried or {}
        return _uuid(carried["cabinet_id"]), _uuid(carried["folder_id"])
    except (KeyError, ValueError) as error:
        raise mismatch(f"A point does not carry {', '.join(PLACE_FIELDS)}.") from error


def scope_axes(scope: SearchScope) -> list[tuple[Axis, ...]]:
    """(field, allowed ids) of every restricted axis: all of them must match. Of several in one axis one must."""
    axes = (
        (("cabinet_id", scope.cabinet_ids),),
        (("folder_id", scope.folder_ids), ("cabinet_id", scope.or_cabinet_ids or None)),
        (("document_id", scope.document_ids),),
    )
    named = [tuple((field, ids) for field, ids in axis if ids is not None) for axis in axes]
    return [axis for axis in named if axis]


def strings(ids: frozenset[UUID]) -> list[str]:
    return sorted(map(str, ids))


def check_batch(points: Sequence[EncodedChunk], *, dimension: int | None) -> None:
    """Raises ValueError for too many points, StoreError store_mismatch for another dimension."""
    if len(points) > MAX_BATCH:
        raise ValueError(f"At most {MAX_BATCH} points a call, got {len(points)}.")
    if dimension is None:
        return
    for point in points:
        if point.dense is not None and len(point.dense) != dimension:
            raise mismatch(f"The index holds vectors of {dimension} numbers, got one of {len(point.dense)}.")


def check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"A search returns 1 to {MAX_LIMIT} hits, asked for {limit}.")


def mismatch(detail: str) -> StoreError:
    return StoreError(detail, code="store_mismatch", retryable=False)


def distinct(values: Iterable[str]) -> Iterator[UUID]:
    """Each id once, as it first appears; holds 16 bytes and a set slot for each."""
    seen: set[UUID] = set()
    for value in values:
        found = UUID(value)
        if found not in seen:
            seen.add(found)
            yield found
