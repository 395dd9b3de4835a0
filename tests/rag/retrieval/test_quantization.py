"""The collection of the server store: by cabinet as tenants; quantised, searched with rescoring, the same hits."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from qdrant_client import models

from apps.rag.stores.qdrant import QdrantStore
from apps.rag.stores.qdrant_requests import index_schemas, search_params

from .make import DIMENSION, chunk, encoded, scope, vector


@pytest.fixture
def store() -> Iterator[QdrantStore]:
    made = QdrantStore(location=":memory:", quantize=True)
    yield made
    made.close()


def test_the_dense_vectors_are_asked_for_as_int8_on_disk(store: QdrantStore) -> None:
    params = store._dense_params(DIMENSION)
    assert isinstance(params.quantization_config, models.ScalarQuantization)
    assert (params.quantization_config.scalar.type, params.on_disk) == (models.ScalarType.INT8, True)
    assert QdrantStore(location=":memory:")._dense_params(DIMENSION).quantization_config is None


def test_a_quantised_collection_finds_what_a_plain_one_finds(store: QdrantStore) -> None:
    plain, cabinet = QdrantStore(location=":memory:"), uuid4()
    points = [encoded(chunk(f"text {number}"), cabinet=cabinet) for number in range(50)]
    for one in (store, plain):
        one.prepare(dimension=DIMENSION)
        one.upsert(points)
    wanted = vector("text 7")
    hits = [
        [hit.chunk_id for hit in one.search_dense(wanted, scope(cabinet), limit=5)] for one in (store, plain)
    ]
    assert hits[0] == hits[1] and hits[0][0] == points[7].chunk.id
    plain.close()


def test_cabinets_are_tenants_and_every_filtered_field_has_an_index() -> None:
    schemas = index_schemas()
    assert set(schemas) == {"cabinet_id", "folder_id", "document_id", "generation"}
    assert [field for field, schema in schemas.items() if getattr(schema, "is_tenant", None)] == [
        "cabinet_id"
    ]


def test_the_best_by_small_vectors_are_scored_again_by_the_full_ones() -> None:
    asked = search_params().quantization
    assert asked is not None and asked.rescore and asked.oversampling == 2.0
