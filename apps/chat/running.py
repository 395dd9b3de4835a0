"""Answers that are being written in this process, and how to stop them from anywhere.

The model is read by a task of its own, so that stopping cancels the request to the model at once. A
stop that arrives at another process is left in the cache, where each running answer looks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from time import perf_counter
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from apps.rag.types import AnswerEvent, Delta, Reasoning

logger = logging.getLogger(__name__)
T = TypeVar("T")
QUEUE_LENGTH = 512
LOOK_SECONDS = 0.5
GAP_PER_ANSWER = 0.002
LONGEST_GAP = 0.24
AT_ONCE = 0.0005  # what came sooner lay ready
ASKED_SECONDS = 120  # how long a stop waits for the process that it is meant for
_END = object()
_running: dict[UUID, Running] = {}


class Stopped(Exception):
    """Somebody stopped the answer."""


class Running:
    """One answer that is being written here."""

    def __init__(self) -> None:
        self.reason = ""  # why it was stopped: a code of apps.chat.messages
        self.owner: UUID | None = None  # who asked
        self.loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None

    @property
    def stopped(self) -> bool:
        return self._stopping.is_set()

    def stop(self, reason: str = "stopped") -> None:
        self.reason = self.reason or reason
        self._stopping.set()
        if self._reader is not None:
            self._reader.cancel()

    async def wait_for(self, work: Awaitable[T], *, seconds: float) -> T:
        """The result of `work`. Raises Stopped as soon as the answer is stopped, else TimeoutError."""
        task = asyncio.ensure_future(work)
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({task, stop}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if self.stopped:
                raise Stopped
            if not task.done():
                raise TimeoutError
            return task.result()
        finally:
            stop.cancel()
            task.cancel()

    @asynccontextmanager
    async def reading(self, stream: AsyncIterator[AnswerEvent]) -> AsyncIterator[AsyncIterator[AnswerEvent]]:
        """The events of a stream, in order, until it ends or the answer is stopped. Leaving the block
        closes the stream, and raises what it raised of its own."""
        queue: asyncio.Queue[object] = asyncio.Queue(QUEUE_LENGTH)
        self._reader = asyncio.create_task(_read(stream, queue))
        if self.stopped:
            self._reader.cancel()
        try:
            yield self._events(queue)
        finally:
            await _close(self._reader, queue)

    async def _events(self, queue: asyncio.Queue[object]) -> AsyncIterator[AnswerEvent]:
        while not self.stopped:
            for event in _gathered(await queue.get(), queue):
                if event is _END or self.stopped:
                    return
                yield event  # type: ignore[misc]


def _gathered(first: object, queue: asyncio.Queue[object]) -> list[object]:
    """The first event and all that wait behind it, neighbours of the same kind as one."""
    events = [first]
    while not queue.empty():
        event = queue.get_nowait()
        last = events[-1]
        if isinstance(event, Delta | Reasoning) and type(event) is type(last):
            events[-1] = replace(last, text=last.text + event.text)  # type: ignore[type-var, attr-defined]
        else:
            events.append(event)
    return events


async def _read(stream: AsyncIterator[AnswerEvent], queue: asyncio.Queue[object]) -> None:
    """The more answers are being written, the longer a word that had to be waited for is kept until those
    behind it have arrived (2 ms for one answer, a quarter of a second from 120 on): waking up for each word, and sending
    each alone, costs several times what the word does. The first is not kept."""
    events, begun, gap = aiter(stream), perf_counter(), 0.0
    try:
        while (event := await anext(events, _END)) is not _END:
            if perf_counter() - begun > AT_ONCE and isinstance(event, Delta | Reasoning):
                await asyncio.sleep(gap)
                gap = min(LONGEST_GAP, GAP_PER_ANSWER * len(_running))
            await queue.put(event)
            begun = perf_counter()
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()
        await queue.put(_END)


async def _close(reader: asyncio.Task[None], queue: asyncio.Queue[object]) -> None:
    while not reader.done():
        reader.cancel()
        while not queue.empty():  # it may wait for room in the queue
            queue.get_nowait()
        await asyncio.wait({reader}, timeout=1)
    if not reader.cancelled() and (error := reader.exception()):
        raise error


@asynccontextmanager
async def answering(answer_id: UUID, running: Running | None = None) -> AsyncIterator[Running]:
    """From the question to the last word: within this block `stop` reaches the answer."""
    running = _running[answer_id] = running or Running()
    running.loop = asyncio.get_running_loop()
    watch = None if settings.EMBEDDED else asyncio.create_task(_watch(answer_id, running))
    try:
        yield running
    finally:
        if watch is not None:
            watch.cancel()
        _running.pop(answer_id, None)


async def _watch(answer_id: UUID, running: Running) -> None:
    while not running.stopped:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            asked = await cache.aget_many([_key(answer_id), _person_key(running.owner)])
        except Exception:  # whatever the cache is made of: an answer does not end because it is away
            logger.warning("the cache cannot be asked for stops", exc_info=True)
            continue
        if asked:
            running.stop("stopped" if _key(answer_id) in asked else "deactivated")


async def stop(answer_id: UUID) -> None:
    """Ask the answer to stop, wherever it is being written."""
    running = _running.get(answer_id)
    if running is not None:
        running.stop()
    else:
        await cache.aset(_key(answer_id), 1, ASKED_SECONDS)


def person_changed(user_id: UUID, *, active: bool) -> None:
    """End the answers of somebody who was deactivated, here at once and elsewhere within a moment. Called from
    any thread that is not a loop's."""
    if active:
        cache.delete(_person_key(user_id))
        return
    cache.set(_person_key(user_id), 1, ASKED_SECONDS)
    for running in list(_running.values()):
        if running.owner == user_id and running.loop is not None:
            running.loop.call_soon_threadsafe(running.stop, "deactivated")


def count() -> int:
    """How many answers are being written here."""
    return len(_running)


async def stop_all(*, seconds: float) -> None:
    """End every answer of this process and wait until each is saved; for the shutdown of a server."""
    for running in list(_running.values()):
        running.stop("model_interrupted")
    deadline = asyncio.get_running_loop().time() + seconds
    while _running and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)


def _key(answer_id: UUID) -> str:
    return f"stop-answer:{answer_id}"


def _person_key(user_id: UUID | None) -> str:
    return f"stop-answers-of:{user_id}"
