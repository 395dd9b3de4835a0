"""Asking endpoints for their models, all at once and for a moment only."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

from apps.assistants.selectors import Endpoint
from apps.rag.errors import ModelError

CONNECT_SECONDS, ANSWER_SECONDS = 2.0, 3.0


@dataclass(frozen=True, slots=True)
class Listed:
    """`error` is one of MODEL_ERROR_CODES, or empty."""

    models: list[str] = field(default_factory=list)
    error: str = ""
    detail: str = ""
    ms: int = 0


def list_models(endpoints: Sequence[Endpoint]) -> list[Listed]:
    """In the order of the endpoints. Never raises for a fault of one. Not for use inside an event loop."""
    if not endpoints:
        return []
    from apps.rag.llm_clients import close_clients

    async def ask_all() -> list[Listed]:
        try:
            return list(await asyncio.gather(*(_ask(endpoint) for endpoint in endpoints)))
        finally:
            await close_clients()

    return asyncio.run(ask_all())


async def _ask(endpoint: Endpoint) -> Listed:
    from apps.rag.llm import OpenAIChat

    started = perf_counter()
    client = OpenAIChat(
        endpoint.base_url, endpoint.api_key, connect_s=CONNECT_SECONDS, idle_s=ANSWER_SECONDS, pinned=True
    )
    try:
        names = await client.models()
    except ModelError as error:
        return Listed(error=error.code, detail=error.detail, ms=_since(started))
    return Listed(names, ms=_since(started))


def _since(started: float) -> int:
    return round((perf_counter() - started) * 1000)
