"""What the product adds to the query embedding and the bare store call of a search, at several sizes.

    python -m benchmarks.search [--chunks 1000 20000 100000] [--queries 200] [--clients 8]

At each size the questions are asked one after the other, then by that many clients at once.

The chunks are put in with random unit vectors and real sparse vectors (nothing of a search depends on
how the vectors came about), and the index gets its graph, as it does by itself while it serves. Floor, in the same run and on the same index: embed_query of the packaged
model in its child process, plus one dense and one sparse call of the embedded engine with the filter.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from apps.rag.stores import edge_graph
from benchmarks.product import ROOT, Product, running
from benchmarks.texts import markdown, questions

FILL = """
import sys, time, uuid, random, math, django
django.setup()
from django.db import transaction
from apps.accounts.models import User
from apps.cabinets.models import Chunk, Document
from apps.cabinets.services.cabinets import cabinet_create
from apps.rag import components
from apps.rag.types import Chunk as Passage, EncodedChunk, chunk_id
from benchmarks.search import passages
count = int(sys.argv[1])
owner = User.objects.get(username="admin")
cabinet = cabinet_create(by=owner, name="bench")
root = cabinet.folders.get(parent=None)
store, sparse, chance = components.store(), components.sparse(), random.Random(1)
per = 50
for number in range(0, count, per):
    document = Document.objects.create(cabinet=cabinet, folder=root, title=f"Rules {number}", filename=f"{number}.md", media_type="text/markdown",
        size=1, sha256=f"{number:064}", status="ready", active_generation=1, chunk_count=per, created_by=owner)
    texts = passages(number, per)
    rows = [Passage(id=chunk_id(document.pk, 1, i), document_id=document.pk, generation=1, index=i, title=document.title, text=text, language="en") for i, text in enumerate(texts)]
    Chunk.objects.bulk_create([Chunk(id=row.id, document=document, generation=1, index=row.index, text=row.text, language="en") for row in rows])
    points = []
    for row, weights in zip(rows, sparse.encode_documents([row.embedding_text for row in rows])):
        vector = [chance.gauss(0, 1) for _ in range(384)]
        length = math.sqrt(sum(v * v for v in vector))
        points.append(EncodedChunk(chunk=row, cabinet_id=cabinet.pk, folder_id=root.pk, sparse=weights, dense=tuple(v / length for v in vector)))
    store.upsert(points)
begun = time.monotonic()
store.maintain(stopped=lambda: False)
graph = time.monotonic() - begun
components.close()
print(cabinet.pk, round(graph, 1))
"""

FLOOR = """
import sys, json, time, uuid, django
django.setup()
from apps.rag import components
from apps.rag.types import SearchScope
cabinet, queries = uuid.UUID(sys.argv[1]), json.loads(sys.stdin.read())
store, embedder, sparse = components.store(), components.query_embedder(), components.sparse()
scope = SearchScope(cabinet_ids=frozenset([cabinet]))
embedder.embed_query("warm"); store.search_dense([1.0] + [0.0] * 383, scope, limit=50)
rows = []
for query in queries:
    start = time.perf_counter(); vector = embedder.embed_query(query); embedded = time.perf_counter()
    weights = sparse.encode_query(query); ready = time.perf_counter()
    store.search_dense(vector, scope, limit=50); store.search_sparse(weights, scope, limit=50)
    rows.append([(embedded - start) * 1000, (time.perf_counter() - ready) * 1000])
components.close()
print(json.dumps(rows))
"""


def passages(seed: int, count: int) -> list[str]:
    """Passages of about 600 characters."""
    text = markdown(seed, size=count * 640)
    return [text[start : start + 600] for start in range(0, count * 600, 600)]


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--chunks", type=int, nargs="+", default=[20_000])
    arguments.add_argument("--queries", type=int, default=200)
    arguments.add_argument("--clients", type=int, default=8)
    options = arguments.parse_args()
    for chunks in options.chunks:
        measure(chunks, questions(options.queries), clients=options.clients)


def measure(chunks: int, asked: list[str], *, clients: int) -> None:
    with tempfile.TemporaryDirectory(prefix="askive-search-") as folder:
        data_dir = Path(folder)
        with running(data_dir=data_dir) as product:
            environment = product.environment
        cabinet, graph = script(FILL, environment, str(chunks)).split()[-2:]
        floor = json.loads(script(FLOOR, environment, cabinet, stdin=json.dumps(asked)))
        with running(data_dir=data_dir) as product:
            alone = searched(product, asked)
            begun = time.perf_counter()
            together = searched_at_once(product, questions(len(asked) * 2)[len(asked) :], clients=clients)
            seconds = time.perf_counter() - begun
            memory = sum(product.memory_mb().values())
    print(f"{graph} s for the graph, which an index has from {edge_graph.LEAST} chunks on")
    report(chunks, floor, alone)
    told = (
        f"{clients} clients at once: median {statistics.median(together):.1f} ms, p99 {p99(together):.1f} ms"
    )
    print(
        f"{told}, {len(together) / seconds:.0f} searches/s; memory of all processes {memory:.0f} MB",
        flush=True,
    )


def script(code: str, environment: dict[str, str], *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            **environment,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(ROOT),
        },
        input=stdin,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return done.stdout


def searched(product: Product, asked: list[str]) -> list[float]:
    with product.client as client:
        search(client, "warm up the model and the caches")
        random.Random(0).shuffle(asked)
        return [search(client, query) for query in asked]


def searched_at_once(product: Product, asked: list[str], *, clients: int) -> list[float]:
    """Questions that were not asked before, so that no cached vector helps."""

    def one(mine: list[str]) -> list[float]:
        with product.client as client:
            return [search(client, query) for query in mine]

    with ThreadPoolExecutor(clients) as pool:
        return [
            spent for spents in pool.map(one, [asked[n::clients] for n in range(clients)]) for spent in spents
        ]


def search(client: httpx.Client, query: str) -> float:
    started = time.perf_counter()
    client.post("/api/v1/search", json={"query": query}).raise_for_status()
    return (time.perf_counter() - started) * 1000


def p99(spent: list[float]) -> float:
    return sorted(spent)[int(len(spent) * 0.99)]


def report(chunks: int, floor: list[list[float]], ours: list[float]) -> None:
    embed, store = (statistics.median(row[part] for row in floor) for part in (0, 1))
    bare = statistics.median(sum(row) for row in floor)
    total = statistics.median(ours)
    print(f"{chunks} chunks: embed {embed:.1f} ms + store {store:.1f} ms = {bare:.1f} ms bare")
    print(
        f"REST search median {total:.1f} ms, p99 {p99(ours):.1f} ms; added at the median {total - bare:.1f} ms; ratio {total / bare:.2f}"
    )


if __name__ == "__main__":
    main()
