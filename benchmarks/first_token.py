"""Time to the first token that the product adds to the model's endpoint, one stream and fifty at once.

    python -m benchmarks.first_token [--streams 50] [--rounds 10]

The endpoint is the scripted server, in a process of its own. Floor: the same client reads the endpoint
itself. Product: the same question over REST, with retrieval, rights, saving and the prompt; the demo
cabinet is searched. Both in one run, medians in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import contextmanager

import httpx

from benchmarks.product import Product, free_port, running

QUESTION = "How much may I spend on a hotel room in London?"
Reader = Callable[[httpx.AsyncClient, int], Awaitable[float]]


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--streams", type=int, nargs="*", default=[1, 50])
    arguments.add_argument("--rounds", type=int, default=10)
    options = arguments.parse_args()
    with model_server() as endpoint, running(demo=True, LLM_BASE_URL=endpoint, LLM_MODEL="ok:50") as product:
        product.wait_until_idle()
        asyncio.run(compare(product, endpoint, options.streams, options.rounds))


@contextmanager
def model_server():
    port = free_port()
    command = [sys.executable, "-m", "tests.fakes.openai_server", "--port", str(port), "--rate", "50"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/v1/models")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()


async def compare(product: Product, endpoint: str, sizes: list[int], rounds: int) -> None:
    limits = httpx.Limits(max_connections=None)
    headers = {"Authorization": f"Bearer {product.key}"}
    async with (
        httpx.AsyncClient(base_url=endpoint, limits=limits, timeout=60) as bare,
        httpx.AsyncClient(base_url=product.base_url, headers=headers, limits=limits, timeout=60) as ours,
    ):
        conversations = [await conversation(ours) for _ in range(max(sizes))]

        async def through_product(client: httpx.AsyncClient, number: int) -> float:
            path = f"/api/v1/conversations/{conversations[number]}/messages"
            return await first_delta(client, path, {"content": QUESTION}, b"event: delta")

        async def from_endpoint(client: httpx.AsyncClient, number: int) -> float:
            body = {"model": "ok:50", "messages": [{"role": "user", "content": QUESTION}], "stream": True}
            return await first_delta(client, "/chat/completions", body, b'"content":')

        for size in sizes:
            count = rounds if size > 1 else rounds * 3
            floor = await measured(bare, from_endpoint, size, count)
            added = await measured(ours, through_product, size, count)
            print_row(size, floor, added)


async def conversation(client: httpx.AsyncClient) -> str:
    return (await client.post("/api/v1/conversations", json={})).json()["id"]


async def measured(client: httpx.AsyncClient, read: Reader, size: int, rounds: int) -> list[float]:
    await asyncio.gather(*(read(client, number) for number in range(size)))  # connections and caches
    found: list[float] = []
    for _ in range(rounds):
        found += await asyncio.gather(*(read(client, number) for number in range(size)))
        await asyncio.sleep(0.3)
    return found


async def first_delta(client: httpx.AsyncClient, path: str, body: dict, mark: bytes) -> float:
    """Milliseconds until the first piece of the answer; the rest is read too, as a reader would."""
    started, first = time.perf_counter(), 0.0
    async with client.stream("POST", path, json=body) as response:
        response.raise_for_status()
        async for part in response.aiter_bytes():
            if not first and mark in part:
                first = time.perf_counter() - started
    return first * 1000


def print_row(size: int, floor: list[float], ours: list[float]) -> None:
    added = statistics.median(ours) - statistics.median(floor)

    def shown(values: list[float]) -> str:
        values = sorted(values)
        return f"median {statistics.median(values):7.1f}  p95 {values[int(len(values) * 0.95)]:7.1f}"

    print(
        f"{size:4} streams   endpoint {shown(floor)}   product {shown(ours)}   added at the median {added:6.1f} ms"
    )


if __name__ == "__main__":
    main()
