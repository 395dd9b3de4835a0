"""A healthy stream: its events, its connection, and what is learnt of an endpoint's habits."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from typing import cast

import pytest

from apps.rag.errors import ModelError
from apps.rag.llm import OpenAIChat
from apps.rag.llm_clients import http_client
from apps.rag.llm_wire import FrameReader
from apps.rag.types import AnswerEvent, Delta, Finished, Reasoning
from tests.fakes.openai_replies import DEFAULT_TEXT
from tests.fakes.openai_server import Script, scripted_server, stats
from tests.rag.generation.conftest import settled

ASK = [{"role": "user", "content": "hello"}]


def stream(endpoint: str, model: str, **parameters: float) -> AsyncGenerator[AnswerEvent, None]:
    return cast(
        "AsyncGenerator[AnswerEvent, None]",
        OpenAIChat(endpoint, "key").stream(ASK, model=model, parameters=dict(parameters)),
    )


async def told(endpoint: str, model: str, **parameters: float) -> tuple[str, str, AnswerEvent]:
    """(answer, thinking, end)"""
    events = [event async for event in stream(endpoint, model, **parameters)]
    answer = "".join(event.text for event in events if isinstance(event, Delta))
    thought = "".join(event.text for event in events if isinstance(event, Reasoning))
    return answer, thought, events[-1]


async def test_tokens_arrive_whole_with_their_usage(endpoint: str) -> None:
    answer, thought, end = await told(endpoint, "ok")
    assert (answer, thought) == (DEFAULT_TEXT, "")
    assert isinstance(end, Finished) and end.finish_reason == "stop"
    assert end.usage is not None and end.usage.completion_tokens > 10


async def test_thinking_is_kept_apart_in_each_of_its_forms(endpoint: str) -> None:
    for model in ("think", "reasoning"):
        answer, thought, _ = await told(endpoint, model)
        assert answer == DEFAULT_TEXT
        assert "先看资料" in thought
    await told(endpoint, "noopen")  # the first answer shows that only the closing tag comes
    answer, thought, _ = await told(endpoint, "noopen")
    assert answer == DEFAULT_TEXT and "先看资料" in thought


async def test_a_whole_json_answer_is_read_where_a_stream_was_asked_for(endpoint: str) -> None:
    answer, _, end = await told(endpoint, "json")
    assert answer == DEFAULT_TEXT and isinstance(end, Finished)


async def test_an_endpoint_without_stream_options_answers(endpoint: str) -> None:
    before = (await settled(endpoint)).served
    assert (await told(endpoint, "old"))[0] == DEFAULT_TEXT
    assert (await settled(endpoint)).served == before + 2
    assert (await told(endpoint, "old"))[0] == DEFAULT_TEXT  # learnt: one request is enough now
    assert (await settled(endpoint)).served == before + 3


async def test_max_tokens_is_renamed_for_an_endpoint_that_wants_it_so(endpoint: str) -> None:
    answer, _, end = await told(endpoint, "strict", max_tokens=100)
    assert answer == DEFAULT_TEXT and isinstance(end, Finished)


async def test_stopping_closes_the_connection(endpoint: str) -> None:
    before = (await settled(endpoint)).aborted
    events = stream(endpoint, "endless")
    await anext(events)
    await events.aclose()
    assert (await settled(endpoint)).aborted == before + 1


async def test_cancelling_closes_the_connection(endpoint: str) -> None:
    async def read() -> None:
        async for _ in stream(endpoint, "hang"):
            raise AssertionError("a hanging model said something")

    before = (await settled(endpoint)).aborted
    task = asyncio.create_task(read())
    for _ in range(200):
        if (await asyncio.to_thread(stats, endpoint)).open:
            break
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert (await settled(endpoint)).aborted == before + 1


async def test_a_finished_stream_leaves_its_connection_for_the_next(endpoint: str) -> None:
    for _ in range(5):
        await told(endpoint, "ok")
    assert (await settled(endpoint)).connections <= 2  # ours, and that of this look


async def test_many_streams_share_one_client_and_all_finish() -> None:
    with scripted_server(Script(rate=200)) as endpoint:
        ends = await asyncio.gather(*(told(endpoint, "ok") for _ in range(50)))
        assert all(isinstance(end, Finished) for _, _, end in ends)
        assert await http_client(endpoint) is await http_client(endpoint)


async def test_without_a_key_no_authorization_is_sent(endpoint: str) -> None:
    assert "cite" in await OpenAIChat(endpoint).models()
    assert (await OpenAIChat(endpoint).complete(ASK, model="ok", parameters={})).text == DEFAULT_TEXT


def test_complete_works_outside_an_event_loop(endpoint: str) -> None:
    for _ in range(2):  # each call has a loop of its own
        done = OpenAIChat(endpoint).complete_blocking(ASK, model="think", parameters={"temperature": 0})
        assert (done.text, done.finish_reason) == (DEFAULT_TEXT, "stop")


def test_importing_the_client_loads_no_heavy_library() -> None:
    code = "import sys, apps.rag.llm, apps.rag.generation, apps.rag.checks; print([m for m in ('openai', 'httpx2', 'torch', 'langchain', 'django') if m in sys.modules])"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert shown.stdout.strip() == "[]"


def test_words_that_came_in_one_packet_with_a_fault_are_kept():
    reader = FrameReader()
    words = b'data: {"choices": [{"delta": {"content": "\xe6\xa0\xb9\xe6\x8d\xae"}}]}\n\n'
    frame = reader.feed(words + b'data: {"error": {"message": "CUDA out of memory", "code": 500}}\n\n')
    assert frame.text == "根据"
    with pytest.raises(ModelError):
        reader.check()
    with pytest.raises(ModelError):
        FrameReader().feed(b'data: {"error": {"message": "CUDA out of memory", "code": 500}}\n\n')
