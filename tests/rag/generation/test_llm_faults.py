"""Every fault of a model endpoint ends the stream with one Failed of the right code."""

from __future__ import annotations

import pytest

from apps.rag.errors import MODEL_ERROR_CODES, ModelError
from apps.rag.llm import OpenAIChat
from apps.rag.types import AnswerEvent, Delta, Failed, Finished

ASK = [{"role": "user", "content": "年假有几天？"}]
FAULTS = {
    "cut": "model_interrupted",
    "cut:plain": "model_interrupted",
    "cut:early": "model_unavailable",
    "error": "model_interrupted",
    "html": "model_bad_answer",
    "badjson": "model_bad_answer",
    "redirect": "model_bad_answer",
    "empty": "model_empty",
    "hang": "model_timeout",
    "slow:5": "model_timeout",
    "stall": "model_timeout",
    "context": "model_context",
    "refuse:401": "model_auth",
    "refuse:403": "model_auth",
    "refuse:404": "model_not_found",
    "refuse:413": "model_context",
    "refuse:429": "model_busy",
    "refuse:500": "model_unavailable",
    "refuse:503": "model_unavailable",
}


def patient(endpoint: str) -> OpenAIChat:
    return OpenAIChat(endpoint, "sk-very-secret", first_token_s=20, idle_s=20, total_s=30)


def impatient(endpoint: str, *, total_s: float = 20) -> OpenAIChat:
    return OpenAIChat(endpoint, "sk-very-secret", first_token_s=0.5, idle_s=0.5, total_s=total_s)


async def events_of(chat: OpenAIChat, model: str) -> list[AnswerEvent]:
    return [event async for event in chat.stream(ASK, model=model, parameters={})]


@pytest.mark.parametrize(("model", "code"), FAULTS.items())
async def test_a_fault_ends_the_stream_with_one_failed(endpoint: str, model: str, code: str) -> None:
    chat = impatient(endpoint) if code == "model_timeout" else patient(endpoint)
    events = await events_of(chat, model)
    ends = [event for event in events if isinstance(event, Finished | Failed)]
    assert ends == [events[-1]]
    assert isinstance(events[-1], Failed)
    assert events[-1].code == code
    assert code in MODEL_ERROR_CODES


@pytest.mark.parametrize("model", ["cut", "cut:plain", "stall", "badjson", "error"])
async def test_what_came_before_the_fault_is_kept(endpoint: str, model: str) -> None:
    events = await events_of(impatient(endpoint) if model == "stall" else patient(endpoint), model)
    assert "".join(event.text for event in events if isinstance(event, Delta)).startswith("根据资料")


async def test_an_endless_answer_ends_at_the_total_time(endpoint: str) -> None:
    events = await events_of(impatient(endpoint, total_s=0.3), "endless")
    assert events[-1] == Failed("model_timeout", "not finished after 0.3 s")


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9/v1", "http://no-such-host.invalid/v1"])
async def test_nobody_there_is_unavailable(base_url: str) -> None:
    events = await events_of(patient(base_url), "ok")
    assert [type(event) for event in events] == [Failed]
    assert isinstance(events[0], Failed) and events[0].code == "model_unavailable"


async def test_the_wait_that_a_busy_server_asks_for_is_told(endpoint: str) -> None:
    events = await events_of(patient(endpoint), "refuse:429")
    assert isinstance(events[0], Failed) and "retry after 7 s" in events[0].detail


async def test_a_finish_reason_of_length_is_a_finish(endpoint: str) -> None:
    events = await events_of(patient(endpoint), "length")
    assert isinstance(events[-1], Finished) and events[-1].finish_reason == "length"


async def test_complete_raises_the_code(endpoint: str) -> None:
    with pytest.raises(ModelError) as caught:
        await patient(endpoint).complete(ASK, model="refuse:401", parameters={})
    assert caught.value.code == "model_auth"
    assert "sk-very-secret" not in caught.value.detail


@pytest.mark.parametrize("base_url", ["", "ftp://host/v1", "localhost:8000/v1", "http://"])
def test_a_base_url_must_be_http(base_url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        OpenAIChat(base_url)


def test_timeouts_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        OpenAIChat("http://host/v1", idle_s=0)
