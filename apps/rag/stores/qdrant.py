"""The server store: a Qdrant collection through qdrant-client (`location=":memory:"` in tests)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from apps.rag.errors import StoreError
from apps.rag.stores.common import (
    DENSE,
    HIT_FIELDS,
    PAGE,
    PLACE_FIELDS,
    SPARSE,
    check_batch,
    check_limit,
    distinct,
    hit,
    mismatch,
    place,
)
from apps.rag.stores.qdrant_requests import (
    document_filter,
    doomed_filter,
    index_schemas,
    point,
    scope_filter,
    search_params,
)
from apps.rag.types import EncodedChunk, Hit, SearchScope, SparseVector

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

READ_TIMEOUT = 5  # seconds
WRITE_TIMEOUT = 60

Result = TypeVar("Result")


class QdrantStore:
    """VectorStore on a server. Thread-safe. Writes wait until they are readable."""

    def __init__(
        self,
        url: str | None = None,
        *,
        api_key: str | None = None,
        collection: str = "askive",
        location: str | None = None,
        quantize: bool = False,
    ) -> None:
        """`quantize`: the server keeps the dense vectors as int8 in memory (a quarter of it) and scores the best
        again with the full ones, which it then leaves on disk. It holds for collections created from then on."""
        if (url is None) == (location is None):
            raise ValueError("Give the url of a server, or location=':memory:'.")
        self.collection = collection
        self.dimension: int | None = None
        self._quantize = quantize
        self._local = location is not None
        self._reader = _client(url, location, api_key, timeout=READ_TIMEOUT)
        # The client takes one timeout for every call, so writes get a client of their own.
        self._writer = self._reader if self._local else _client(url, location, api_key, timeout=WRITE_TIMEOUT)
        # The in-memory client is plain Python without locks; a server takes concurrent calls.
        self._turn: AbstractContextManager[Any] = threading.Lock() if self._local else nullcontext()

    def prepare(self, *, dimension: int) -> None:
        """Create the collection and its indexes, or check that what is there has this dimension."""
        from qdrant_client import models

        if dimension < 1:
            raise ValueError(f"A vector has at least one number, got dimension {dimension}.")
        if not self._call(self._reader.collection_exists, self.collection):
            try:
                self._call(
                    self._writer.create_collection,
                    self.collection,
                    vectors_config={DENSE: self._dense_params(dimension)},
                    sparse_vectors_config={SPARSE: models.SparseVectorParams(modifier=models.Modifier.IDF)},
                )
            except StoreError:
                # Another process may have created it between the two calls; then it must fit like any other.
                if not self._call(self._reader.collection_exists, self.collection):
                    raise
        self._check(dimension)
        self._ensure_indexes()
        self.dimension = dimension

    def _dense_params(self, dimension: int) -> models.VectorParams:
        from qdrant_client import models

        params = models.VectorParams(size=dimension, distance=models.Distance.COSINE)
        if self._quantize:
            int8 = models.ScalarQuantizationConfig(
                type=models.ScalarType.INT8, quantile=0.99, always_ram=True
            )
            params.on_disk, params.quantization_config = True, models.ScalarQuantization(scalar=int8)
        return params

    def upsert(self, points: Sequence[EncodedChunk]) -> None:
        check_batch(points, dimension=self.dimension)
        if points:
            self._call(self._writer.upsert, self.collection, [point(one) for one in points], wait=True)

    def search_dense(self, vector: Sequence[float], scope: SearchScope, *, limit: int) -> list[Hit]:
        check_limit(limit)
        if scope.is_empty:
            return []
        if self.dimension is not None and len(vector) != self.dimension:
            raise mismatch(
                f"The index holds vectors of {self.dimension} numbers, the query has {len(vector)}."
            )
        return self._search(list(vector), scope, using=DENSE, limit=limit)

    def search_sparse(self, vector: SparseVector, scope: SearchScope, *, limit: int) -> list[Hit]:
        from qdrant_client import models

        check_limit(limit)
        if scope.is_empty or not vector.indices:
            return []
        query = models.SparseVector(indices=list(vector.indices), values=list(vector.values))
        return self._search(query, scope, using=SPARSE, limit=limit)

    def _search(self, query: Any, scope: SearchScope, *, using: str, limit: int) -> list[Hit]:
        response = self._call(
            self._reader.query_points,
            self.collection,
            query=query,
            using=using,
            query_filter=scope_filter(scope),
            search_params=search_params() if self._quantize and using == DENSE else None,
            limit=limit,
            with_payload=HIT_FIELDS,
        )
        return [hit(found.id, found.payload, found.score) for found in response.points]

    def delete(
        self, document_id: UUID, *, keep_generation: int | None = None, below: int | None = None
    ) -> None:
        from qdrant_client import models

        doomed = doomed_filter(document_id, keep_generation=keep_generation, below=below)
        selector = models.FilterSelector(filter=doomed)
        self._call(self._writer.delete, self.collection, points_selector=selector, wait=True)

    def move(self, document_id: UUID, *, cabinet_id: UUID, folder_id: UUID) -> None:
        place = {"cabinet_id": str(cabinet_id), "folder_id": str(folder_id)}
        points = document_filter(document_id)
        self._call(self._writer.set_payload, self.collection, payload=place, points=points, wait=True)

    def count(self, document_id: UUID | None = None, *, generation: int | None = None) -> int:
        shown = document_filter(document_id, generation=generation)
        return int(self._call(self._reader.count, self.collection, count_filter=shown, exact=True).count)

    def point_ids(self, document_id: UUID) -> set[tuple[UUID, int]]:
        return {
            (UUID(str(record.id)), record.payload["generation"])
            for record in self._scroll("generation", document_id=document_id)
        }

    def places(self, document_id: UUID) -> set[tuple[UUID, UUID]]:
        return {place(record.payload) for record in self._scroll(*PLACE_FIELDS, document_id=document_id)}

    def document_ids(self) -> Iterable[UUID]:
        return distinct(record.payload["document_id"] for record in self._scroll("document_id"))

    def drop(self) -> None:
        self._call(self._writer.delete_collection, self.collection)
        self.close()

    def maintain(self, *, stopped: Callable[[], bool]) -> bool:
        """The server does it by itself."""
        return False

    def close(self) -> None:
        self._call(self._reader.close)
        if self._writer is not self._reader:
            self._call(self._writer.close)

    def _scroll(self, *fields: str, document_id: UUID | None = None) -> Iterator[Any]:
        offset = None
        shown = document_filter(document_id)
        while True:
            records, offset = self._call(
                self._reader.scroll,
                self.collection,
                scroll_filter=shown,
                limit=PAGE,
                offset=offset,
                with_payload=list(fields),
            )
            yield from records
            if offset is None:
                return

    def _check(self, dimension: int) -> None:
        config = self._call(self._reader.get_collection, self.collection).config.params
        vectors = config.vectors if isinstance(config.vectors, dict) else {}
        if DENSE not in vectors or SPARSE not in (config.sparse_vectors or {}):
            raise mismatch(f"The collection {self.collection} was not made by this product.")
        if vectors[DENSE].size != dimension:
            raise mismatch(
                f"The collection {self.collection} holds vectors of {vectors[DENSE].size} numbers; the embedder "
                f"gives {dimension}. Rebuild the index or set the former embedder."
            )

    def _ensure_indexes(self) -> None:
        if self._local:  # the in-memory client scans, and warns that indexes have no effect
            return
        for field, schema in index_schemas().items():
            self._call(
                self._writer.create_payload_index,
                self.collection,
                field_name=field,
                field_schema=schema,
                wait=True,
            )

    def _call(self, function: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
        """Faults of the client and of the server as StoreError; codes store_timeout, store_mismatch."""
        import httpx
        from qdrant_client.http.exceptions import ApiException, ResponseHandlingException

        try:
            with self._turn:
                return function(*arguments, **options)
        except ResponseHandlingException as error:
            if isinstance(error.source, httpx.TimeoutException):
                raise StoreError("The vector store did not answer in time.", code="store_timeout") from error
            raise StoreError(f"The vector store cannot be reached: {error.source}") from error
        except (ApiException, httpx.HTTPError, ValueError, KeyError, RuntimeError) as error:
            if "dimension" in str(error).lower():
                raise mismatch(str(error)) from error
            raise StoreError(f"The vector store failed: {error}") from error


def _client(url: str | None, location: str | None, api_key: str | None, *, timeout: int) -> QdrantClient:
    from qdrant_client import QdrantClient  # 2 s: only where a server is used

    # The compatibility check would open a connection in the constructor.
    return QdrantClient(
        location=location, url=url, api_key=api_key, timeout=timeout, check_compatibility=False
    )
