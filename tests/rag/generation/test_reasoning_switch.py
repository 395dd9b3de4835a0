"""The switch of a model's thinking is sent in its own words, and only where it has one."""

from __future__ import annotations

import pytest

from apps.rag.llm import OpenAIChat
from apps.rag.reasoning_switch import has_switch, switched


@pytest.mark.parametrize(
    ("model", "on"),
    [
        ("Qwen/Qwen3-14B", {"chat_template_kwargs": {"enable_thinking": True}}),
        ("qwen3:8b", {"chat_template_kwargs": {"enable_thinking": True}}),
        ("zai-org/GLM-4.5-Air", {"chat_template_kwargs": {"enable_thinking": True}}),
        ("deepseek-ai/DeepSeek-V3.1", {"chat_template_kwargs": {"thinking": True}}),
        ("openai/gpt-oss-20b", {"reasoning_effort": "high"}),
        ("o3-mini", {"reasoning_effort": "high"}),
        ("Qwen/Qwen3-4B-Instruct-2507", {}),
        ("Qwen/Qwen3-Embedding-0.6B", {}),
        ("llama3.1", {}),
        ("foo3", {}),
    ],
)
def test_it_is_in_the_words_of_the_model(model: str, on: dict[str, object]) -> None:
    assert switched({"reasoning": "on", "seed": 1}, model=model) == {"seed": 1, **on}
    assert has_switch(model) == bool(on)
    assert switched({"reasoning": "auto"}, model=model) == {}


async def test_an_endpoint_that_refuses_it_is_asked_without(endpoint: str) -> None:
    parameters = switched({"reasoning": "off"}, model="qwen3")
    answer = await OpenAIChat(endpoint).complete(
        [{"role": "user", "content": "?"}], model="noswitch", parameters=parameters
    )
    assert answer.finish_reason == "stop"
