"""Time to the first token that the product adds to the model's endpoint, at one stream and at fifty.

    python -m benchmarks.first_token [--streams 1 50] [--seconds 20]

`steady`: N readers, each asking again as soon as its answer (150 tokens at 50 a second) is complete, so that
N streams are always open. `burst`: N readers that ask in the same instant.

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
    arguments.add_argument("--seconds", type=float, default=20)
    options = arguments.parse_args()
    with model_server() as endpoint, running(demo=True, LLM_BASE_URL=endpoint, LLM_MODEL="ok:50") as product:
        product.wait_until_idle()
        asyncio.run(compare(product, endpoint, options.streams, options.seconds))


@contextmanager
def model_server():
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "tests.fakes.openai_server",
        "--port",
        str(port),
        "--rate",
        "50",
        "--tokens",
        "150",
    ]
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


async def compare(product: Product, endpoint: str, sizes: list[int], seconds: float) -> None:
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

        await through_product(ours, 0)  # what the first question of a process imports
        for size in sizes:
            for name, measure in {"steady": steady, "burst": burst}.items():
                if size == 1 and name == "burst":
                    continue
                floor = await measure(bare, from_endpoint, size, seconds)
                print_row(f"{size:4} {name}", floor, await measure(ours, through_product, size, seconds))


async def conversation(client: httpx.AsyncClient) -> str:
    return (await client.post("/api/v1/conversations", json={})).json()["id"]


async def steady(client: httpx.AsyncClient, read: Reader, size: int, seconds: float) -> list[float]:
    found: list[float] = []
    end = time.perf_counter() + seconds

    async def reader(number: int) -> None:
        await asyncio.sleep(3.0 * number / size)
        await read(client, number)  # its connection, and the caches
        while time.perf_counter() < end:
            found.append(await read(client, number))

    await asyncio.gather(*(reader(number) for number in range(size)))
    return found


async def burst(client: httpx.AsyncClient, read: Reader, size: int, seconds: float) -> list[float]:
    found: list[float] = []
    end = time.perf_counter() + seconds
    await asyncio.gather(*(read(client, number) for number in range(size)))
    while time.perf_counter() < end:
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


def print_row(name: str, floor: list[float], ours: list[float]) -> None:
    added = statistics.median(ours) - statistics.median(floor)

    def shown(values: list[float]) -> str:
        values = sorted(values)
        return f"median {statistics.median(values):7.1f}  p95 {values[int(len(values) * 0.95)]:7.1f}"

    print(
        f"{name:12} endpoint {shown(floor)}   product {shown(ours)}   added at the median {added:6.1f} ms  ({len(ours)} answers)"
    )


if __name__ == "__main__":
    main()
