"""One HTTP client per base URL and event loop, shared by every request to that endpoint.

A client owns a connection pool and a TLS context (40 ms to build), and its sockets belong to the
loop that opened them; hence the two keys. Only this module and llm.py know the openai package.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

MAX_IDLE = 20  # the pool looks at every idle connection on every request, about 10 µs each
MAX_CLIENTS = 64  # per loop; endpoints are set up by administrators, so a handful is usual

_Clients = OrderedDict[str, "httpx2.AsyncClient"]
_CLIENTS: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    import httpx2

    return httpx2.create_ssl_context()


async def http_client(base_url: str, *, pinned: bool = False) -> httpx2.AsyncClient:
    """The running loop's client for `base_url`. It never follows a redirect: an administrator
    allowed this host, not the one that it points to. `pinned`: see outbound.PinnedTransport."""
    if not preload.cache_info().currsize:
        await asyncio.to_thread(preload)
    import httpx2

    clients = _CLIENTS.setdefault(asyncio.get_running_loop(), OrderedDict())
    key = f"pinned {base_url}" if pinned else base_url
    client = clients.get(key)
    if client is None or client.is_closed:
        limits = httpx2.Limits(max_connections=1000, max_keepalive_connections=MAX_IDLE, keepalive_expiry=30)
        client = clients[key] = _new_client(limits, pinned=pinned)
    clients.move_to_end(key)
    if len(clients) > MAX_CLIENTS:
        _, oldest = clients.popitem(last=False)
        await oldest.aclose()
    return client


def _new_client(limits: httpx2.Limits, *, pinned: bool) -> httpx2.AsyncClient:
    """Through aiohttp where the address need not be pinned: its parser in C gives all that has arrived at once,
    while httpcore walks every chunk, and so every token, by itself."""
    import httpx2
    import openai

    from apps.net.outbound import PinnedTransport

    options: dict[str, Any] = {
        "limits": limits,
        "follow_redirects": False,
        "max_redirects": 0,
        "timeout": 5.0,
    }
    if pinned:
        return httpx2.AsyncClient(transport=PinnedTransport(verify=_tls(), limits=limits), **options)
    return openai.DefaultAioHttpClient(verify=_tls(), **options)


async def close_clients() -> None:
    """Close the running loop's clients; for the shutdown of a server and the end of a task."""
    clients = _CLIENTS.pop(asyncio.get_running_loop(), OrderedDict())
    for client in clients.values():
        await client.aclose()


def openai_client(http: httpx2.AsyncClient, *, base_url: str, api_key: str) -> AsyncOpenAI:
    """An openai client without retries of its own."""
    import openai

    return openai.AsyncOpenAI(base_url=base_url, api_key=api_key or "none", http_client=http, max_retries=0)


def auth_headers(api_key: str) -> dict[str, Any]:
    """The extra headers of a request: none, or, without a key, no Authorization at all."""
    import openai

    return {} if api_key else {"Authorization": openai.Omit()}


@lru_cache(maxsize=1)
def preload() -> None:
    """Import what the first request needs (about 1.5 s); for a server's start, or in a thread."""
    import openai

    client = openai.AsyncOpenAI(
        base_url="http://localhost", api_key="none", http_client=openai.DefaultAioHttpClient(verify=_tls())
    )
    _ = client.chat.completions.with_streaming_response, client.models
