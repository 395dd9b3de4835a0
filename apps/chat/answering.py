"""One answer: retrieve, stream, check, save. The same events for pages, REST and other protocols.

The database is used before the first and after the last word only. Whatever ends the stream, the row
is saved once: complete only if the model said why it finished.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection

from apps.chat import running
from apps.chat.asking import Ask, find_sources, source_items
from apps.chat.messages import sentence
from apps.chat.models import Message
from apps.chat.outcome import Draft, finished, unfinished
from apps.chat.rendering import Renderer
from apps.chat.services import Outcome, turn_finish
from apps.rag import generation
from apps.rag.errors import RagError
from apps.rag.types import AnswerEvent, Delta, Failed, Finished, Reasoning, Retrieved

logger = logging.getLogger(__name__)
Event = tuple[str, dict[str, Any]]
RETRIEVAL_SECONDS = 30
LONGEST_ANSWER = 200_000
# Searches wait for the store and the embedding process, not for this interpreter.
_searchers = ThreadPoolExecutor(8, thread_name_prefix="retrieve")


async def answer_events(ask: Ask, *, render: bool = False) -> AsyncIterator[Event]:
    """start, status, sources, reasoning and delta (render) events, then exactly one done or error."""
    draft = Draft(ask=ask, started=ask.started)
    try:
        async for event in _events(draft, Renderer(ask.answer_id) if render else None):
            yield event
    finally:
        running.forget(ask.answer_id)
        if not draft.saved:  # the reader left, or the server stops
            await asyncio.shield(_save(draft, unfinished(draft, "left")))


async def _events(draft: Draft, renderer: Renderer | None) -> AsyncIterator[Event]:
    ask = draft.ask
    yield "start", {"message_id": str(ask.answer_id), "conversation_id": str(ask.conversation_id)}
    yield "status", {"phase": "search", "cabinets": ask.cabinet_count}
    try:
        await _retrieve(draft)
    except (RagError, TimeoutError) as error:
        code = error.code if isinstance(error, RagError) else "store_timeout"
        logger.warning("answer %s: retrieval failed: %s", ask.answer_id, error)
        yield await _end(draft, unfinished(draft, code))
        return
    async for event in _words(draft, renderer):
        yield event
    if renderer and draft.text:
        yield "render", {"html": renderer.html(draft)}
    yield await _end(draft, await asyncio.to_thread(_outcome, draft))


async def _retrieve(draft: Draft) -> None:
    loop = asyncio.get_running_loop()
    started = perf_counter()
    work = loop.run_in_executor(_searchers, find_sources, draft.ask)
    draft.sources = await asyncio.wait_for(work, RETRIEVAL_SECONDS)
    draft.timings["retrieval"] = _ms(started)


async def _words(draft: Draft, renderer: Renderer | None) -> AsyncIterator[Event]:
    ask = draft.ask
    stream = generation.answer(
        ask.question,
        draft.sources,
        ask.history,
        llm=ask.llm,
        model=ask.model_name,
        parameters=ask.parameters,
        language=ask.language,
    )
    async with running.started(ask.answer_id, stream) as events:
        async for event in events:
            for name, data in _taken(draft, event):
                yield name, data
            if draft.failure or draft.finish_reason:
                return
            if renderer and isinstance(event, Delta) and renderer.due():
                yield "render", {"html": renderer.html(draft)}
        draft.failure = "stopped" if events.stopped else "model_interrupted"


def _taken(draft: Draft, event: AnswerEvent) -> list[Event]:
    """Keep one event of the model in the draft; what of it the reader is told."""
    if isinstance(event, Retrieved):
        draft.sources = event.sources  # those that fitted the prompt: only these can be cited
        status = {"phase": "read", "cabinets": draft.ask.cabinet_count, "passages": len(draft.sources)}
        return [("sources", {"items": source_items(draft.sources)}), ("status", status)]
    if isinstance(event, Delta):
        draft.first_token()
        draft.parts.append(event.text)
        draft.length += len(event.text)
        if draft.length > LONGEST_ANSWER:
            draft.failure = "model_endless"
        return [("delta", {"text": event.text})]
    if isinstance(event, Reasoning):
        draft.first_token()
        draft.reasoning.append(event.text)
        return [("reasoning", {"text": event.text})]
    if isinstance(event, Finished):
        draft.finish_reason, draft.usage = event.finish_reason, event.usage
    elif isinstance(event, Failed):
        logger.warning("answer %s: %s %s", draft.ask.answer_id, event.code, event.detail)
        draft.failure = event.code
    return []


def _outcome(draft: Draft) -> Outcome:
    return unfinished(draft, draft.failure) if draft.failure else finished(draft)


async def _end(draft: Draft, outcome: Outcome) -> Event:
    """Save first, then tell: who reads `done` and asks for the message finds it whole."""
    await asyncio.shield(_save(draft, outcome))
    if outcome.status == Message.Status.COMPLETE or outcome.error_code == "stopped":
        return "done", {
            "finish_reason": outcome.finish_reason or outcome.error_code,
            "status": outcome.status,
            "usage": outcome.usage or {},
            "timings_ms": outcome.timings_ms or {},
            "citations": sorted(outcome.quotes or {}),
            "checks": list(outcome.checks),
        }
    return "error", {
        "code": outcome.error_code,
        "message": sentence(outcome.error_code),
        "status": outcome.status,
    }


async def _save(draft: Draft, outcome: Outcome) -> None:
    draft.saved = True
    if draft.ask.answer_id_saved:
        await sync_to_async(_write, thread_sensitive=False)(draft, outcome)


def _write(draft: Draft, outcome: Outcome) -> None:
    try:
        turn_finish(draft.ask.answer_id, outcome, sources=draft.sources)
    finally:
        connection.close()


def _ms(started: float) -> int:
    return round((perf_counter() - started) * 1000)
