"""What the embedded store costs beside the bare engine: medians of the same searches and writes.

    python -m benchmarks.store_calls [--chunks 20000] [--dimension 384] [--optimize]

Vectors are random, terms follow a power law, the scope holds a fifth of the documents.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from apps.rag.stores.edge import BATCH, EdgeStore
from apps.rag.stores.edge_engine import scope_filter
from apps.rag.types import Chunk, EncodedChunk, SearchScope, SparseVector, chunk_id

QUERIES = 200
LIMIT = 100
CHUNKS_A_DOCUMENT = 50
VOCABULARY = 30_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=20_000)
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--optimize", action="store_true", help="optimise before searching")
    chosen = parser.parse_args()
    cabinets = [uuid4() for _ in range(5)]
    with tempfile.TemporaryDirectory() as folder:
        store = EdgeStore(folder)
        store.prepare(dimension=chosen.dimension)
        fill(store, chosen.chunks, dimension=chosen.dimension, cabinets=cabinets)
        if chosen.optimize:
            begun = time.perf_counter()
            store.optimize()
            print(f"optimize: {time.perf_counter() - begun:.1f} s")
        compare(store, chosen.dimension, scope=SearchScope(cabinet_ids=frozenset(cabinets[:1])))
        store.close()


def fill(store: EdgeStore, chunks: int, *, dimension: int, cabinets: list[UUID]) -> None:
    spent: list[float] = []
    for start in range(0, chunks, BATCH):
        points = [point(number, dimension, cabinets) for number in range(start, min(start + BATCH, chunks))]
        begun = time.perf_counter()
        store.upsert(points)
        spent.append(time.perf_counter() - begun)
    print(f"{chunks} chunks of dimension {dimension}: upsert {sum(spent):.1f} s in batches of {BATCH}")
    print(
        f"  a batch, flushed: median {middle(spent)} ms, last tenth {middle(spent[-len(spent) // 10 :])} ms, worst {max(spent) * 1000:.1f} ms"
    )
    print(f"  memory of this process {resident_mb():.0f} MB")


def compare(store: EdgeStore, dimension: int, *, scope: SearchScope) -> None:
    import qdrant_edge as edge

    shard = store._ready()
    dense = [unit(dimension) for _ in range(QUERIES)]
    sparse = [terms(12) for _ in range(QUERIES)]

    def bare(query: object, using: str) -> None:
        # Built per call, as the store does: what is compared is the store's own work.
        request = edge.SearchRequest(
            edge.Query.Nearest(query, using=using),  # type: ignore[arg-type]
            limit=LIMIT,
            filter=scope_filter(scope),
            with_payload=["document_id", "generation"],
        )
        shard.search(request)

    def bare_sparse(vector: SparseVector) -> None:
        bare(edge.SparseVector(indices=list(vector.indices), values=list(vector.values)), "sparse")

    print(f"top {LIMIT} in a fifth of the chunks | bare engine, ms | EdgeStore, ms")
    row("dense", lambda v: bare(list(v), "dense"), lambda v: store.search_dense(v, scope, limit=LIMIT), dense)
    row("sparse", bare_sparse, lambda v: store.search_sparse(v, scope, limit=LIMIT), sparse)


def row(
    name: str, bare: Callable[..., object], ours: Callable[..., object], queries: Sequence[object]
) -> None:
    """Taken in turns, so that both meet the same machine."""
    times: tuple[list[float], list[float]] = ([], [])
    for query in queries:
        for kept, call in zip(times, (bare, ours), strict=True):
            begun = time.perf_counter()
            call(query)
            kept.append(time.perf_counter() - begun)
    print(f"{name} | {middle(times[0])} | {middle(times[1])}")


def point(number: int, dimension: int, cabinets: list[UUID]) -> EncodedChunk:
    document = UUID(int=number // CHUNKS_A_DOCUMENT + 1)
    chunk = Chunk(chunk_id(document, 1, number), document, 1, number, "", "")
    cabinet = cabinets[number // CHUNKS_A_DOCUMENT % len(cabinets)]
    return EncodedChunk(chunk, cabinet, cabinet, terms(300), tuple(unit(dimension)))


def terms(count: int) -> SparseVector:
    drawn = sorted({int(VOCABULARY * random.random() ** 3) for _ in range(count)})
    return SparseVector(tuple(drawn), tuple(1.0 + random.random() for _ in drawn))


def unit(dimension: int) -> list[float]:
    drawn = [random.gauss(0, 1) for _ in range(dimension)]
    length = sum(x * x for x in drawn) ** 0.5
    return [x / length for x in drawn]


def middle(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.2f}"


def resident_mb() -> float:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
