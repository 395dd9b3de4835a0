"""What the openai client may set beside the question: it reaches the model, works here, or is refused."""

from __future__ import annotations

import json

import openai
import pytest

from apps.assistants.models import Usage
from tests.chatting import wait_until
from tests.factories import bearer
from tests.fakes.openai_server import stats

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = [{"role": "user", "content": "年休假有几天？"}]


@pytest.fixture
def ask(live, knowledge):
    key = bearer(knowledge.bob)["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    client = openai.OpenAI(base_url=f"{live}/v1", api_key=key, max_retries=0, timeout=15)
    return lambda **more: client.chat.completions.create(model="askive", messages=QUESTION, **more)


def test_the_options_reach_the_model_under_the_names_it_knows(ask, model, settings):
    settings.LLM_MODEL = "asked"
    answer = ask(
        stop=["\n\n", "", "\n\n", "\t"], max_completion_tokens=77, temperature=0.1, top_p=0.5, seed=3,
        presence_penalty=0.2, frequency_penalty=0.3, n=1, logprobs=False, response_format={"type": "text"},
        tools=[], logit_bias={}, user="bob", metadata={"a": "b"}, store=False,
    )  # fmt: skip
    sent = json.loads(answer.choices[0].message.content)
    assert sent == {
        "model": "asked", "stream": True, "stream_options": {"include_usage": True}, "max_tokens": 77,
        "temperature": 0.1, "top_p": 0.5, "seed": 3, "presence_penalty": 0.2, "frequency_penalty": 0.3,
        "stop": ["\n\n", "\t"],
    }  # fmt: skip


def test_an_answer_ends_before_the_stop_string_of_a_model_that_minds_none(ask, model, knowledge):
    whole = ask().choices[0].message.content
    answer = ask(stop="五天")
    assert answer.choices[0].message.content == whole.partition("五天")[0] != whole
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.prompt_tokens > 0 and answer.usage.completion_tokens > 0
    assert Usage.objects.filter(user=knowledge.bob, kind="chat").count() >= 1
    stream = ask(stop=["nowhere", "The annual"], stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    said = "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
    assert said == whole.partition("The annual")[0]
    assert [one.usage for one in chunks[:-1]] == [None] * (len(chunks) - 1) and chunks[-1].usage.total_tokens
    assert [one for one in chunks if one.choices and one.choices[0].finish_reason][0].citations


@pytest.mark.parametrize("name", ["nostop", "endless"])
def test_a_model_that_refuses_stop_or_never_ends_is_cut_all_the_same(ask, model, settings, name):
    settings.LLM_MODEL = name
    assert ask(stop=["五天"]).choices[0].message.content.endswith("年休假为")
    wait_until(lambda: stats(model).open == 0)


def test_without_a_model_the_quotes_end_there_too(ask, knowledge):
    whole = ask().choices[0].message.content
    assert ask(stop=whole[3:6]).choices[0].message.content == whole[:3]


@pytest.mark.parametrize("stop", [list("abcde"), "长" * 201])
def test_too_many_or_too_long_stop_strings_are_refused(ask, stop):
    with pytest.raises(openai.BadRequestError) as raised:
        ask(stop=stop)
    assert (raised.value.code, raised.value.param) == ("invalid_value", "stop")
