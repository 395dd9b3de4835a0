"""Time to the first token that the product adds to the model's endpoint, at one stream and at fifty.

    python -m benchmarks.first_token [--streams 1 50] [--seconds 20] [--tokens 150] [--no-burst]
    python -m tests.services python -m benchmarks.first_token --postgresql …

`steady`: N readers, each asking again as soon as its answer (by default 150 tokens at 50 a second) is complete, so
that N streams are always open. `burst`: N readers that ask in the same instant. Told as well: tokens that were lost
(none may be), the product's processor time a token and its memory a stream, with all that belongs to a question.

The endpoint is the scripted server, in a process of its own. Floor: the same client reads the endpoint
itself. Product: the same question over REST, with retrieval, rights, saving and the prompt; the demo
cabinet is searched. Both in one run, medians in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import contextmanager

import httpx
import psutil

from benchmarks.product import Product, free_port, running

QUESTION = "How much may I spend on a hotel room in London?"
Reader = Callable[[httpx.AsyncClient, int], Awaitable[float]]


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--streams", type=int, nargs="*", default=[1, 50])
    arguments.add_argument("--seconds", type=float, default=20)
    arguments.add_argument("--tokens", type=int, default=150, help="of each answer")
    arguments.add_argument("--no-burst", action="store_true")
    arguments.add_argument("--postgresql", action="store_true", help="at DATABASE_URL")
    options = arguments.parse_args()
    more = {"DATABASE_URL": os.environ["DATABASE_URL"]} if options.postgresql else {}
    with (
        model_server(options.tokens) as endpoint,
        running(demo=True, LLM_BASE_URL=endpoint, LLM_MODEL="ok:50", **more) as product,
    ):
        product.wait_until_idle()
        asyncio.run(compare(product, endpoint, options))


@contextmanager
def model_server(tokens: int = 150):
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
        str(tokens),
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


async def compare(product: Product, endpoint: str, options: argparse.Namespace) -> None:
    sizes, lost = options.streams, list[int]()
    limits = httpx.Limits(max_connections=None)
    headers = {"Authorization": f"Bearer {product.key}"}
    async with (
        httpx.AsyncClient(base_url=endpoint, limits=limits, timeout=60) as bare,
        httpx.AsyncClient(base_url=product.base_url, headers=headers, limits=limits, timeout=60) as ours,
    ):
        conversations = [await conversation(ours) for _ in range(max(sizes))]

        async def through_product(client: httpx.AsyncClient, number: int) -> float:
            path = f"/api/v1/conversations/{conversations[number]}/messages"
            first, text = await first_delta(client, path, {"content": QUESTION}, b"event: delta")
            lost.append(options.tokens - words_in(text))
            return first

        async def from_endpoint(client: httpx.AsyncClient, number: int) -> float:
            body = {"model": "ok:50", "messages": [{"role": "user", "content": QUESTION}], "stream": True}
            return (await first_delta(client, "/chat/completions", body, b'"content":'))[0]

        await through_product(ours, 0)  # what the first question of a process imports
        for size in sizes:
            for name, measure in {"steady": steady, "burst": burst}.items():
                if name == "burst" and (size == 1 or options.no_burst):
                    continue
                length = options.tokens / 50
                floor = await measure(bare, from_endpoint, size, options.seconds, length)
                lost.clear()
                before, memory = processor_seconds(product), Peak(product)
                found = await measure(ours, through_product, size, options.seconds, length)
                spent = processor_seconds(product) - before
                print_row(f"{size:4} {name}", floor, found)
                print(
                    f"{'':12} tokens lost {sum(lost)} of {len(lost) * options.tokens}; processor "
                    f"{spent * 1e6 / max(1, len(lost) * options.tokens):.0f} µs a token; "
                    f"memory at most {memory.stop() / size:.2f} MB a stream"
                )


def words_in(stream: bytes) -> int:
    """How many of the scripted answer's words (w0 w1 …) a stream of the product told."""
    answer = "".join(
        json.loads(line[6:])["text"]
        for event in stream.decode().split("\n\n")
        if "event: delta" in event
        for line in event.splitlines()
        if line.startswith("data: ")
    )
    return len(answer.split())


def processor_seconds(product: Product) -> float:
    times = psutil.Process(product.process.pid).cpu_times()
    return times.user + times.system


class Peak:
    """The memory that the web process grows by, at most, looked at four times a second."""

    def __init__(self, product: Product) -> None:
        self._process = psutil.Process(product.process.pid)
        self._before = self._most = self._process.memory_info().rss
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.25):
            self._most = max(self._most, self._process.memory_info().rss)

    def stop(self) -> float:
        """Megabytes."""
        self._over.set()
        self._thread.join()
        return (self._most - self._before) / 2**20


async def conversation(client: httpx.AsyncClient) -> str:
    return (await client.post("/api/v1/conversations", json={})).json()["id"]


async def steady(
    client: httpx.AsyncClient, read: Reader, size: int, seconds: float, length: float
) -> list[float]:
    found: list[float] = []
    end = time.perf_counter() + seconds

    async def reader(number: int) -> None:
        await asyncio.sleep(length * number / size)
        await read(client, number)  # its connection, and the caches
        while time.perf_counter() < end:
            found.append(await read(client, number))

    await asyncio.gather(*(reader(number) for number in range(size)))
    return found


async def burst(
    client: httpx.AsyncClient, read: Reader, size: int, seconds: float, length: float
) -> list[float]:
    found: list[float] = []
    end = time.perf_counter() + seconds
    await asyncio.gather(*(read(client, number) for number in range(size)))
    while time.perf_counter() < end:
        found += await asyncio.gather(*(read(client, number) for number in range(size)))
        await asyncio.sleep(0.3)
    return found


async def first_delta(client: httpx.AsyncClient, path: str, body: dict, mark: bytes) -> tuple[float, bytes]:
    """(milliseconds until the first piece of the answer, all of it, since a reader reads to the end)"""
    started, first, parts = time.perf_counter(), 0.0, []
    async with client.stream("POST", path, json=body) as response:
        response.raise_for_status()
        async for part in response.aiter_bytes():
            parts.append(part)
            if not first and mark in part:
                first = time.perf_counter() - started
    return first * 1000, b"".join(parts)


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
