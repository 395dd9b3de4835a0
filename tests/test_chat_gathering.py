"""Words that arrive together are sent together, in order, and none is lost or late without need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from apps.chat import running
from apps.rag.types import AnswerEvent, Delta, Finished

pytestmark = pytest.mark.asyncio
WORDS = [f"w{number} " for number in range(60)]


async def words(*, pause: float) -> AsyncIterator[AnswerEvent]:
    """As a model's endpoint sends them: they arrive whether somebody reads or not."""
    arrived: asyncio.Queue[str] = asyncio.Queue()

    async def send() -> None:
        for word in WORDS:
            await asyncio.sleep(pause)
            arrived.put_nowait(word)

    sending = asyncio.create_task(send())
    for _ in WORDS:
        yield Delta(await arrived.get())
    await sending
    yield Finished("stop")


async def read(*, pause: float, beside: int = 0) -> list[AnswerEvent]:
    """What one reader gets while `beside` other answers are being written."""
    others = {uuid4(): running.Running() for _ in range(beside)}
    running._running.update(others)
    try:
        async with running.answering(uuid4()) as run, run.reading(words(pause=pause)) as events:
            return [event async for event in events]
    finally:
        for key in others:
            del running._running[key]


def text(events: list[AnswerEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


@pytest.mark.parametrize(("pause", "beside"), [(0, 0), (0, 60), (0.003, 0), (0.003, 60)])
async def test_every_word_comes_once_and_in_order(pause, beside):
    events = await read(pause=pause, beside=beside)
    assert text(events) == "".join(WORDS)
    assert isinstance(events[-1], Finished)


async def test_a_busy_house_gets_its_words_in_fewer_sendings():
    alone, busy = await read(pause=0.003), await read(pause=0.003, beside=60)
    assert len(busy) < len(alone) / 2


async def test_the_first_word_is_sent_alone_even_in_a_busy_house():
    events = await read(pause=0.003, beside=60)
    assert events[0] == Delta(WORDS[0])


async def test_words_that_lie_ready_are_not_kept_back(monkeypatch):
    async def never(_seconds: float) -> None:
        raise AssertionError("waited")

    async def ready() -> AsyncIterator[AnswerEvent]:
        for word in WORDS:
            yield Delta(word)

    monkeypatch.setattr(running, "GAP_PER_ANSWER", 10.0)
    monkeypatch.setattr(running.asyncio, "sleep", never)
    async with running.answering(uuid4()) as run, run.reading(ready()) as events:
        assert text([event async for event in events]) == "".join(WORDS)
