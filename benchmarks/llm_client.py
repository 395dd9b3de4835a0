"""Processor time a token of the chat client, against the cheapest possible reader.

    python -m benchmarks.llm_client [--tokens 2000] [--streams 8] [--rate 0]

Starts the scripted server in a process of its own and reads the same answer three ways: OpenAIChat,
the openai client's own objects, and httpx2 splitting lines (the floor). Prints microseconds of this
process's processor time a token (user and system), the median of the repeats.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

from apps.rag.llm import OpenAIChat
from apps.rag.llm_clients import close_clients, preload
from apps.rag.types import Delta

MESSAGES = [{"role": "user", "content": "hello"}]
Reader = Callable[[str], Awaitable[int]]


async def through_ours(base_url: str) -> int:
    chat, tokens = OpenAIChat(base_url, "key"), 0
    async for event in chat.stream(MESSAGES, model="ok", parameters={}):
        tokens += isinstance(event, Delta)
    return tokens


async def through_openai(base_url: str) -> int:
    import openai

    tokens = 0
    async with openai.AsyncOpenAI(base_url=base_url, api_key="key", max_retries=0) as client:
        async for chunk in await client.chat.completions.create(model="ok", messages=MESSAGES, stream=True):  # type: ignore[arg-type]
            tokens += bool(chunk.choices and chunk.choices[0].delta.content)
    return tokens


async def through_lines(base_url: str) -> int:
    import httpx2
    import orjson

    tokens = 0
    async with (
        httpx2.AsyncClient(verify=False) as client,
        client.stream(
            "POST", f"{base_url}/chat/completions", json={"model": "ok", "messages": MESSAGES, "stream": True}
        ) as response,
    ):
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                tokens += bool(orjson.loads(line[6:])["choices"][0]["delta"].get("content"))
    return tokens


async def measure(read: Reader, base_url: str, *, streams: int, expected: int) -> float:
    """Microseconds of processor time a token sent, over `streams` answers at once."""
    start = time.process_time()
    await asyncio.gather(*(read(base_url) for _ in range(streams)))
    return (time.process_time() - start) / (streams * expected) * 1e6


async def run(base_url: str, given: argparse.Namespace) -> None:
    preload()
    readers: dict[str, Reader] = {
        "OpenAIChat": through_ours,
        "openai objects": through_openai,
        "httpx2 lines": through_lines,
    }
    for name, read in readers.items():
        await read(base_url)
        costs = [
            await measure(read, base_url, streams=given.streams, expected=given.tokens)
            for _ in range(given.repeats)
        ]
        print(f"{name:16} {statistics.median(costs):7.1f} µs a token")
    await close_clients()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokens", type=int, default=2000)
    parser.add_argument("--streams", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--rate", type=float, default=0.0, help="tokens a second of each stream; 0 is as fast as possible"
    )
    given = parser.parse_args()
    command = [
        sys.executable,
        "-m",
        "tests.fakes.openai_server",
        "--port",
        "0",
        "--tokens",
        str(given.tokens),
        "--rate",
        str(given.rate),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            import uvloop

            uvloop.run(run(server.stdout.readline().strip(), given))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
