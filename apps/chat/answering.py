"""One answer: retrieve, stream, check, save. The same events for pages, REST and other protocols.

The database is used before the first and after the last word (and every few seconds, to keep what is there).
Whatever ends the stream, the row is saved once: complete only if the model said why it finished.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from time import perf_counter

from asgiref.sync import sync_to_async
from django.db import DatabaseError, transaction

from apps.accounts.limits import consumption_add
from apps.assistants.usage import usage_add
from apps.chat import running, understanding
from apps.chat.ask import Ask, Basis
from apps.chat.keeping import kept_meanwhile
from apps.chat.live import Event, Live, Placed
from apps.chat.messages import sentence
from apps.chat.models import Message
from apps.chat.outcome import Draft, broken, finished, unfinished
from apps.chat.running import Stopped
from apps.chat.services import Outcome, turn_finish
from apps.chat.sourcing import Found, find_sources, source_items
from apps.chat.summarising import summarise_later
from apps.core.database import release_connection
from apps.rag import generation
from apps.rag.errors import RagError
from apps.rag.types import AnswerEvent, Delta, Failed, Finished, Reasoning, Retrieved

logger = logging.getLogger(__name__)
RETRIEVAL_SECONDS = 30
LONGEST_ANSWER = 200_000
# Searches wait for the store and the embedding process, not for this interpreter.
_searchers = ThreadPoolExecutor(8, thread_name_prefix="retrieve")


def begin(ask: Ask, *, keep: bool = False) -> Live:
    """Start writing an answer in a task of its own. Without `keep` it ends when its last reader leaves."""
    live = Live(ask, keep=keep)
    live.start(_produce)
    return live


async def answer_events(ask: Ask) -> AsyncGenerator[Event, None]:
    """start, status, sources, reasoning and delta events, then exactly one done or error. Closing the
    iteration ends the answer."""
    async with aclosing(begin(ask).events()) as events:
        async for _place, name, data in events:
            if name != "beat":
                yield name, data


async def placed_events(ask: Ask, *, render: bool, keep: bool) -> AsyncGenerator[Placed, None]:
    """The same with the place of each in the answer's log, `render` events and beats."""
    async with aclosing(begin(ask, keep=keep).events(render=render)) as events:
        async for event in events:
            yield event


async def _produce(live: Live) -> None:
    draft = live.draft
    end: Event | None = None
    try:
        async with running.answering(draft.ask.answer_id, live.run), kept_meanwhile(draft):
            await _write(live)
            end = await _end(draft)
    except Exception:  # a fault of ours: the reader is told so, and the row does not stay open
        logger.exception("answer %s failed", draft.ask.answer_id)
        end = await _broken(draft)
    finally:
        if not draft.saved:  # the loop ends: nobody told the answer to stop
            await asyncio.shield(_conclude(draft, "model_interrupted"))
        live.tell(*(end or _error(broken(draft))))
        if draft.finish_reason and not draft.failure:
            summarise_later(draft.ask)


async def _write(live: Live) -> None:
    draft, ask = live.draft, live.draft.ask
    ids = {"message_id": str(ask.answer_id), "conversation_id": str(ask.conversation_id)}
    live.tell("start", {**ids, "model": ask.model_name, "basis": ask.basis})
    if ask.begun:
        live.tell("delta", {"text": ask.begun})
    if ask.basis == Basis.DOCUMENTS and not ask.begun:
        draft.failure = await _retrieve(live)
    else:
        draft.sources = ask.sources
    if not draft.failure:
        await _words(live)


async def _retrieve(live: Live) -> str:
    """Find the sources. Returns the code of a failure, or nothing."""
    draft, ask, run = live.draft, live.draft.ask, live.run
    started = perf_counter()
    try:
        found = await run.wait_for(_found(live), seconds=RETRIEVAL_SECONDS)
    except Stopped:
        return run.reason
    except (RagError, TimeoutError) as error:
        logger.warning("answer %s: retrieval failed: %s", ask.answer_id, error)
        return error.code if isinstance(error, RagError) else "store_timeout"
    draft.sources, draft.answerable = found.sources, found.answerable
    draft.timings["retrieval"] = _ms(started)
    return ""


async def _found(live: Live) -> Found:
    """Search for the question, or for what it means; where that finds no answer, in the other language too."""
    ask = live.draft.ask
    queries, translation = understanding.by_rules(ask), ""
    if understanding.asks_model(ask):
        live.tell("status", {"phase": "understand"})
        meant = await understanding.understood(ask)
        queries, translation = meant.queries, meant.translation
    found = await _search(live, queries)
    if found.answerable is not False or ask.llm is None or not ask.rewrites:
        return found
    translation = translation or await understanding.translated(ask)
    if not translation:
        return found
    return await _search(live, (*(queries or (ask.question,)), translation))


async def _search(live: Live, queries: tuple[str, ...]) -> Found:
    draft = live.draft
    draft.searched = () if queries == (draft.ask.question,) else queries
    told = {"phase": "search", "cabinets": draft.ask.cabinet_count}
    live.tell("status", {**told, "queries": list(queries)} if queries else told)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_searchers, find_sources, draft.ask, queries)


async def _words(live: Live) -> None:
    draft, ask, run = live.draft, live.draft.ask, live.run
    task = generation.Task(
        ask.question,
        ask.language,
        draft.sources,
        ask.history,
        instructions=ask.instructions,
        summary=ask.summary,
        general=ask.basis == Basis.GENERAL,
        doubtful=draft.answerable is False,
        begun=ask.begun,
        budget=ask.budget,
    )
    stream = generation.write(task, llm=ask.llm, model=ask.model_name, parameters=ask.parameters)
    async with run.reading(stream) as events:
        async for event in events:
            for name, data in _taken(draft, event):
                live.tell(name, data)
            if draft.failure or draft.finish_reason:
                return
        draft.failure = run.reason or "model_interrupted"


def _taken(draft: Draft, event: AnswerEvent) -> list[Event]:
    """Keep one event of the model in the draft; what of it the reader is told."""
    if isinstance(event, Retrieved):
        if not draft.ask.begun:
            draft.sources = event.sources  # those that fitted the prompt: only these can be cited
        status = {"phase": "read", "cabinets": draft.ask.cabinet_count, "passages": len(draft.sources)}
        items = {"items": source_items(draft.sources), "searched_for": list(draft.searched)}
        return [("sources", items), ("status", status)]
    if isinstance(event, Delta):
        draft.first_token()
        draft.speaks()
        draft.parts.append(event.text)
        draft.length += len(event.text)
        if draft.length > LONGEST_ANSWER:
            draft.failure = "model_endless"
        return [("delta", {"text": event.text})]
    if isinstance(event, Reasoning):
        draft.first_token()
        draft.thinks()
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
            "found": outcome.found,
        }
    return _error(outcome)


def _error(outcome: Outcome) -> Event:
    code = outcome.error_code
    return "error", {"code": code, "message": sentence(code), "status": outcome.status}


async def _conclude(draft: Draft, failure: str) -> Outcome:
    """Check the answer and save it, once, in a thread."""
    draft.saved = True
    return await sync_to_async(_saved, thread_sensitive=False)(draft, failure)


def _saved(draft: Draft, failure: str) -> Outcome:
    if failure == "internal":
        outcome = broken(draft)
    else:
        outcome = unfinished(draft, failure) if failure else finished(draft)
    try:
        with transaction.atomic():  # one wait for the write lock of SQLite instead of four
            if draft.ask.answer_id_saved:
                turn_finish(draft.ask.answer_id, outcome, sources=draft.sources)
            if draft.ask.model_name and outcome.usage:
                usage_add(
                    draft.ask.user, kind="chat", model=draft.ask.model_name, questions=1, **outcome.usage
                )
            else:
                consumption_add(draft.ask.user, questions=1)
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
