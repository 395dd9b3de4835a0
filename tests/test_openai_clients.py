"""The requests that chat programs really send, field by field, and what is refused in plain words."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from apps.assistants.models import Usage
from tests.factories import bearer

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = "年休假有几天？"
TURN = {"role": "user", "content": ASKED}
PARTS = {"role": "user", "content": [{"type": "text", "text": ASKED}]}

# As their sources send it (2025–2026); what a cabinet has no use for is passed over.
REQUESTS: dict[str, dict[str, Any]] = {
    "ChatBox": {
        "messages": [{"role": "system", "content": "You are a helpful assistant."}, PARTS],
        "temperature": 0.7, "top_p": 1, "stream": True, "stream_options": {"include_usage": True},
    },
    "Cherry Studio": {
        "messages": [{"role": "system", "content": ""}, TURN],
        "temperature": 0.7, "top_p": 1, "max_tokens": None, "keep_alive": None, "stream": True,
        "stream_options": {"include_usage": True}, "enable_thinking": False, "service_tier": "auto",
    },
    "Open WebUI": {
        "stream": True, "messages": [TURN], "stream_options": {"include_usage": True},
        "metadata": {"chat_id": "x"}, "user": {"name": "bob"}, "tools": [],
    },
    "LobeChat": {
        "messages": [TURN], "stream": True, "frequency_penalty": 0, "presence_penalty": 0, "temperature": 1,
        "top_p": 1, "tools": None, "stream_options": {"include_usage": True}, "user": "u1",
    },
    "Continue": {
        "messages": [{"role": "system", "content": "Answer briefly."}, PARTS],
        "max_tokens": 2048, "temperature": 0.2, "stop": ["```"], "stream": True, "presence_penalty": None,
    },
    "LangChain": {"messages": [{**TURN, "name": "bob"}], "stream": True, "n": 1, "seed": 1, "reasoning_effort": "low"},
    "curl": {"messages": [TURN], "stream": True, "max_completion_tokens": 300, "tools": [{"type": "function"}], "tool_choice": "none"},
}  # fmt: skip


@pytest.fixture
def http(live, knowledge):
    headers = {"Authorization": bearer(knowledge.bob)["HTTP_AUTHORIZATION"], "Accept-Language": "en"}
    with httpx.Client(base_url=live, headers=headers, timeout=15) as client:
        yield client


def frames(answer: httpx.Response) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    return [line if line == "[DONE]" else orjson.loads(line) for line in lines]


@pytest.mark.parametrize("program", REQUESTS)
def test_a_programs_request_is_answered(http, model, knowledge, program):
    body = {"model": f"kb:{knowledge.cabinet.slug}", **REQUESTS[program]}
    answer = http.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    got = frames(answer)
    assert got[-1] == "[DONE]"
    text = "".join(one["choices"][0]["delta"].get("content") or "" for one in got[:-1] if one["choices"])
    assert "五天" in text
    ending = next(one for one in got[:-1] if one["choices"] and one["choices"][0]["finish_reason"])
    assert ending["citations"][0]["title"] == "休假"
    wants_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    assert bool(got[-2].get("usage")) == wants_usage
    assert Usage.objects.get(kind="chat").user == knowledge.bob


def test_the_same_without_a_stream(http, model, knowledge):
    body = {**REQUESTS["Open WebUI"], "model": "askive", "stream": False, "stream_options": None}
    message = http.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]
    assert "五天" in message["content"] and message["citations"]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"functions": [{"name": "f"}]}, "tools"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}, {"type": "text", "text": "?"}]}]}, "messages"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"logprobs": True}, "logprobs"),
        ({"top_logprobs": 3}, "logprobs"),
        ({"logit_bias": {"50256": -100}}, "logit_bias"),
    ],
)  # fmt: skip
def test_what_a_cabinet_cannot_do_is_refused_in_plain_words(http, knowledge, change, param):
    answer = http.post("/v1/chat/completions", json={"model": "askive", "messages": [TURN], **change})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "unsupported_parameter", param)
    assert error["type"] == "invalid_request_error"
    assert error["message"].endswith(".") and error["message"].count(error["message"].split(".")[0]) == 1
