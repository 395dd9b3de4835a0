"""One answer: retrieve, stream, check, save. The same events for pages, REST and other protocols.

The database is used before the first and after the last word only. Whatever ends the stream, the row
is saved once: complete only if the model said why it finished.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from time import perf_counter
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError

from apps.assistants.usage import usage_add
from apps.chat import running
from apps.chat.asking import Ask, find_sources, source_items
from apps.chat.messages import sentence
from apps.chat.models import Message
from apps.chat.outcome import Draft, broken, finished, unfinished
from apps.chat.rendering import Renderer
from apps.chat.running import Running, Stopped
from apps.chat.services import Outcome, turn_finish
from apps.core.database import release_connection
from apps.rag import generation
from apps.rag.errors import RagError
from apps.rag.types import AnswerEvent, Delta, Failed, Finished, Reasoning, Retrieved

logger = logging.getLogger(__name__)
Event = tuple[str, dict[str, Any]]
RETRIEVAL_SECONDS = 30
LONGEST_ANSWER = 200_000
# Searches wait for the store and the embedding process, not for this interpreter.
_searchers = ThreadPoolExecutor(8, thread_name_prefix="retrieve")


async def answer_events(ask: Ask, *, render: bool = False) -> AsyncGenerator[Event, None]:
    """start, status, sources, reasoning and delta (render) events, then exactly one done or error."""
    draft = Draft(ask=ask, started=ask.started)
    renderer = Renderer(ask.answer_id) if render else None
    async with running.answering(ask.answer_id) as run:
        try:
            async with aclosing(_events(draft, run, renderer)) as events:
                async for event in events:
                    yield event
        except Exception:  # a fault of ours: the reader is told so, and the row does not stay open
            logger.exception("answer %s failed", ask.answer_id)
            yield await _broken(draft)
        finally:
            if not draft.saved:  # the reader left, or the server stops
                await asyncio.shield(_conclude(draft, "left"))


async def _events(draft: Draft, run: Running, renderer: Renderer | None) -> AsyncGenerator[Event, None]:
    ask = draft.ask
    yield "start", {"message_id": str(ask.answer_id), "conversation_id": str(ask.conversation_id)}
    yield "status", {"phase": "search", "cabinets": ask.cabinet_count}
    draft.failure = await _retrieve(draft, run)
    if not draft.failure:
        async with aclosing(_words(draft, run, renderer)) as words:
            async for event in words:
                yield event
    if renderer and draft.text:
        yield "render", {"html": renderer.html(draft)}
    yield await _end(draft)


async def _retrieve(draft: Draft, run: Running) -> str:
    """Find the sources. Returns the code of a failure, or nothing."""
    started = perf_counter()
    try:
        work = asyncio.get_running_loop().run_in_executor(_searchers, find_sources, draft.ask)
        draft.sources = await run.wait_for(work, seconds=RETRIEVAL_SECONDS)
    except Stopped:
        return run.reason
    except (RagError, TimeoutError) as error:
        logger.warning("answer %s: retrieval failed: %s", draft.ask.answer_id, error)
        return error.code if isinstance(error, RagError) else "store_timeout"
    draft.timings["retrieval"] = _ms(started)
    return ""


async def _words(draft: Draft, run: Running, renderer: Renderer | None) -> AsyncGenerator[Event, None]:
    ask = draft.ask
    stream = generation.answer(
        ask.question,
        draft.sources,
        ask.history,
        llm=ask.llm,
        model=ask.model_name,
        parameters=ask.parameters,
        language=ask.language,
        instructions=ask.instructions,
    )
    async with run.reading(stream) as events:
        async for event in events:
            for name, data in _taken(draft, event):
                yield name, data
            if draft.failure or draft.finish_reason:
                return
            if renderer and isinstance(event, Delta) and renderer.due():
                yield "render", {"html": renderer.html(draft)}
        draft.failure = run.reason or "model_interrupted"


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


async def _end(draft: Draft) -> Event:
    """Save first, then tell: who reads `done` and asks for the message finds it whole."""
    outcome = await asyncio.shield(_conclude(draft, draft.failure))
    if outcome.status == Message.Status.COMPLETE or outcome.error_code == "stopped":
        return "done", {
            "finish_reason": outcome.finish_reason or outcome.error_code,
            "status": outcome.status,
            "usage": outcome.usage or {},
            "timings_ms": outcome.timings_ms or {},
            "citations": sorted(outcome.quotes or {}),
            "checks": list(outcome.checks),
        }
    return _error(outcome)


def _error(outcome: Outcome) -> Event:
    code = outcome.error_code
    return "error", {"code": code, "message": sentence(code), "status": outcome.status}


async def _conclude(draft: Draft, failure: str) -> Outcome:
    """Check the answer and save it, once, in a thread."""
    draft.saved = True
    return await sync_to_async(_write, thread_sensitive=False)(draft, failure)


def _write(draft: Draft, failure: str) -> Outcome:
    if failure == "internal":
        outcome = broken(draft)
    else:
        outcome = unfinished(draft, failure) if failure else finished(draft)
    try:
        if draft.ask.answer_id_saved:
            turn_finish(draft.ask.answer_id, outcome, sources=draft.sources)
        if draft.ask.model_name and outcome.usage:
            usage_add(draft.ask.user, kind="chat", model=draft.ask.model_name, **outcome.usage)
    finally:
        release_connection()
    return outcome


async def _broken(draft: Draft) -> Event:
    """The end after a fault of this program. Where even saving fails, the row is closed later, with
    those that a stopped process leaves."""
    try:
        return _error(await asyncio.shield(_conclude(draft, "internal")))
    except DatabaseError:
        logger.exception("answer %s could not be saved", draft.ask.answer_id)
        return _error(broken(draft))


def _ms(started: float) -> int:
    return round((perf_counter() - started) * 1000)
