"""What the server store sends: points, filters, and how quantised vectors are searched."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from apps.rag.stores.common import (
    DENSE,
    KEPT_AXES,
    SPARSE,
    UUID_FIELDS,
    Axis,
    payload,
    scope_axes,
    strings,
)
from apps.rag.types import EncodedChunk, SearchScope

if TYPE_CHECKING:
    from qdrant_client import models

TENANT = "cabinet_id"


def search_params() -> models.SearchParams:
    """Twice as many by the small vectors as are wanted, then the best of them by the full ones."""
    from qdrant_client import models

    return models.SearchParams(quantization=models.QuantizationSearchParams(rescore=True, oversampling=2.0))


def index_schemas() -> dict[str, Any]:
    """The payload indexes by field. A cabinet is the tenant: the server keeps its points together on the disk."""
    from qdrant_client import models

    schemas: dict[str, Any] = {
        field: models.UuidIndexParams(
            type=models.UuidIndexType.UUID, is_tenant=True if field == TENANT else None
        )
        for field in UUID_FIELDS
    }
    schemas["generation"] = models.IntegerIndexParams(
        type=models.IntegerIndexType.INTEGER, lookup=True, range=False
    )
    return schemas


def point(point: EncodedChunk) -> Any:
    from qdrant_client import models

    vectors: dict[str, Any] = {}
    if point.dense is not None:
        vectors[DENSE] = list(point.dense)
    if point.sparse.indices:
        vectors[SPARSE] = models.SparseVector(
            indices=list(point.sparse.indices), values=list(point.sparse.values)
        )
    return models.PointStruct(id=str(point.chunk.id), vector=vectors, payload=dict(payload(point)))


def equals(field: str, value: str | int) -> Any:
    from qdrant_client import models

    return models.FieldCondition(key=field, match=models.MatchValue(value=value))


def document_filter(document_id: UUID | None, *, generation: int | None = None) -> Any:
    from qdrant_client import models

    must = [] if document_id is None else [equals("document_id", str(document_id))]
    if generation is not None:
        must.append(equals("generation", generation))
    return models.Filter(must=must) if must else None


def doomed_filter(document_id: UUID, *, keep_generation: int | None, below: int | None) -> Any:
    from qdrant_client import models

    must = [equals("document_id", str(document_id))]
    if below is not None:
        must.append(models.FieldCondition(key="generation", range=models.Range(lt=below)))
    keep = [] if keep_generation is None else [equals("generation", keep_generation)]
    return models.Filter(must=must, must_not=keep or None)


def scope_filter(scope: SearchScope) -> Any:
    """All axes in `must`: an empty `should` or no filter at all would match everything."""
    from qdrant_client import models

    return models.Filter(must=[_axis(axis) for axis in scope_axes(scope)])


@lru_cache(maxsize=KEPT_AXES)
def _axis(axis: tuple[Axis, ...]) -> Any:
    from qdrant_client import models

    some: list[Any] = [
        models.FieldCondition(key=field, match=models.MatchAny(any=strings(ids))) for field, ids in axis
    ]
    return some[0] if len(some) == 1 else models.Filter(should=some)
