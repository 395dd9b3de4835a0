"""What starts and stops with a web process.

A server that gets SIGTERM ends the process right after its lifespan, so cleaning up happens here.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading

from django.conf import settings
from django.db import connection

logger = logging.getLogger("apps.lifespan")
ANSWERS_SECONDS = 5.0


async def lifespan(receive, send) -> None:
    worker = None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            worker = await asyncio.to_thread(_start)
            await send({"type": "lifespan.startup.complete"})
        else:
            await _end_answers()
            await asyncio.to_thread(_stop, worker)
            await _close_clients()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _start():
    # The loop waits for the interpreter behind threads that query or parse: at most this long each time,
    # instead of the usual 5 ms, so that a stream's next word is not late because somebody searches.
    sys.setswitchinterval(0.001)
    threading.Thread(target=_warm, daemon=True, name="warm").start()
    if not settings.EMBEDDED:
        return None
    from apps.cabinets.embedded import EmbeddedWorker
    from apps.chat.services import messages_interrupt_stale

    messages_interrupt_stale(all_of_them=True)
    connection.close()
    worker = EmbeddedWorker()
    worker.start()
    return worker


def _warm() -> None:
    """What the first question would otherwise wait for. Each fault shows again where it matters."""
    from apps.assistants.providers import chat_models
    from apps.rag import components
    from apps.rag.errors import RagError
    from apps.rag.extractive import warm as warm_extracts
    from apps.rag.llm_clients import preload

    embedder = components.query_embedder()
    if hasattr(embedder, "warm_later"):
        embedder.warm_later()  # a child of its own, beside the rest
    try:
        preload()
        chat_models()
        components.store()
        components.sparse().encode_query("预热 warm")
        warm_extracts()
        if settings.EMBEDDED:
            components.parser_pool().warm()
        _spare_the_collector()
    except RagError as error:
        logger.warning("not everything is warm: %s %s", error.code, error.detail)


def _spare_the_collector() -> None:
    """What is loaded now stays: looking through it again with every full collection would hold up all
    streams at once, for tens of milliseconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _end_answers() -> None:
    """A server only cancels what it still serves; the answers are to be saved before the process ends."""
    from apps.chat.running import stop_all

    await stop_all(seconds=ANSWERS_SECONDS)


def _stop(worker) -> None:
    from apps.rag import components

    if worker is not None:
        worker.stop()
    components.close()


async def _close_clients() -> None:
    from apps.chat.mcp.application import close_mcp
    from apps.rag.llm_clients import close_clients

    await close_mcp()
    await close_clients()
