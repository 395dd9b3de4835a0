"""Answers that are being written in this process, and how to stop them from anywhere.

The model is read by a task of its own, so that stopping cancels the request to the model at once. A
stop that arrives at another process is left in the cache, where each running answer looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from apps.rag.types import AnswerEvent

QUEUE_LENGTH = 512
LOOK_SECONDS = 0.5
_END = object()
_running: dict[UUID, Events] = {}


class Events:
    """The events of one model stream, in order, until it ends or is stopped."""

    def __init__(self, stream: AsyncIterator[AnswerEvent]) -> None:
        self.stopped = False
        self._queue: asyncio.Queue[object] = asyncio.Queue(QUEUE_LENGTH)
        self._task = asyncio.create_task(self._read(stream))

    async def _read(self, stream: AsyncIterator[AnswerEvent]) -> None:
        try:
            async for event in stream:
                await self._queue.put(event)
        finally:
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()
            await self._queue.put(_END)

    def stop(self) -> None:
        self.stopped = True
        self._task.cancel()

    async def close(self) -> None:
        """End the reading task, and raise what it raised of its own."""
        while not self._task.done():
            self._task.cancel()
            while not self._queue.empty():
                self._queue.get_nowait()
            await asyncio.wait({self._task}, timeout=1)
        if not self._task.cancelled() and (error := self._task.exception()):
            raise error

    async def __aiter__(self) -> AsyncIterator[AnswerEvent]:
        while not self.stopped and (event := await self._queue.get()) is not _END:
            yield event  # type: ignore[misc]


@asynccontextmanager
async def started(answer_id: UUID, stream: AsyncIterator[AnswerEvent]) -> AsyncIterator[Events]:
    events = Events(stream)
    _running[answer_id] = events
    watch = None if settings.EMBEDDED else asyncio.create_task(_watch(answer_id, events))
    try:
        yield events
    finally:
        if watch is not None:
            watch.cancel()
        await events.close()


async def _watch(answer_id: UUID, events: Events) -> None:
    while not events.stopped:
        await asyncio.sleep(LOOK_SECONDS)
        if await cache.aget(_key(answer_id)):
            events.stop()


async def stop(answer_id: UUID) -> None:
    """Ask the answer to stop, wherever it is being written."""
    if answer_id in _running:
        _running[answer_id].stop()
    else:
        await cache.aset(_key(answer_id), 1, 120)


def forget(answer_id: UUID) -> None:
    _running.pop(answer_id, None)


def _key(answer_id: UUID) -> str:
    return f"stop-answer:{answer_id}"
