"""One scripted model server for the tests of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from apps.rag.llm_clients import close_clients
from tests.fakes.openai_server import Stats, scripted_server, stats


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with scripted_server() as base_url:
        yield base_url


@pytest_asyncio.fixture(autouse=True)
async def _clients_closed() -> AsyncIterator[None]:
    yield
    await close_clients()


async def settled(endpoint: str) -> Stats:
    """The server's counts once no request is open; it hears of a closed socket a moment later."""
    for _ in range(100):
        seen = await asyncio.to_thread(stats, endpoint)
        if seen.open == 0:
            return seen
        await asyncio.sleep(0.02)
    return seen
