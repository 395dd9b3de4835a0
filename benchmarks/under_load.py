"""Search and first token while 100 documents are being ingested, against the same product idle.

    python -m benchmarks.under_load [--files 100]

95th percentiles in one run; the target is a ratio of at most 3.
"""

from __future__ import annotations

import argparse
import statistics
import time

import httpx

from benchmarks.first_token import model_server
from benchmarks.product import Product, running
from benchmarks.texts import markdown, questions

SAMPLES = 150
PAUSE_SECONDS = 0.05


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--files", type=int, default=100)
    options = arguments.parse_args()
    with model_server() as endpoint, running(demo=True, LLM_BASE_URL=endpoint, LLM_MODEL="ok:50") as product:
        product.wait_until_idle()
        with product.client as client:
            sample(client, 20)
            idle = sample(client, SAMPLES)
            upload(client, options.files)
            busy = while_busy(product, client)
    report("search", idle[0], busy[0])
    report("first token", idle[1], busy[1])


def upload(client: httpx.Client, count: int) -> None:
    cabinet = client.post("/api/v1/cabinets", json={"name": "bulk"}).json()["id"]
    for number in range(count):
        file = {"file": (f"rules-{number}.md", markdown(number).encode())}
        client.post("/api/v1/documents", data={"cabinet_id": cabinet}, files=file).raise_for_status()


def while_busy(product: Product, client: httpx.Client) -> tuple[list[float], list[float]]:
    """Samples for as long as documents wait."""
    searches, tokens = [], []
    while client.get("/api/v1/documents", params={"status": "queued", "limit": 1}).json()["items"]:
        found, first = sample(client, 10)
        searches += found
        tokens += first
    return searches, tokens


def sample(client: httpx.Client, count: int) -> tuple[list[float], list[float]]:
    asked = questions(count, seed=time.monotonic_ns())  # new words each time: no cached query vector
    searches, tokens = [], []
    for query in asked:
        started = time.perf_counter()
        client.post("/api/v1/search", json={"query": query}).raise_for_status()
        searches.append((time.perf_counter() - started) * 1000)
        tokens.append(first_token(client, query + " please"))
        time.sleep(PAUSE_SECONDS)
    return searches, tokens


def first_token(client: httpx.Client, query: str) -> float:
    conversation = client.post("/api/v1/conversations", json={}).json()["id"]
    started = time.perf_counter()
    with client.stream(
        "POST", f"/api/v1/conversations/{conversation}/messages", json={"content": query}
    ) as response:
        for part in response.iter_bytes():
            if b"event: delta" in part:
                return (time.perf_counter() - started) * 1000
    raise RuntimeError("no token came")


def report(name: str, idle: list[float], busy: list[float]) -> None:
    def p95(values: list[float]) -> float:
        return sorted(values)[int(len(values) * 0.95)]

    print(
        f"{name:12} idle median {statistics.median(idle):6.1f} p95 {p95(idle):6.1f} ms ({len(idle)})   "
        f"ingesting median {statistics.median(busy):6.1f} p95 {p95(busy):6.1f} worst {max(busy):6.1f} ms ({len(busy)})   "
        f"p95 ratio {p95(busy) / p95(idle):.2f}"
    )


if __name__ == "__main__":
    main()
