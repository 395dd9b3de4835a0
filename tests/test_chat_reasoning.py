"""What a model thinks is told apart from what it answers, however it is sent."""

from __future__ import annotations

import pytest

from tests.chatting import Asker, names_of, text_of

pytestmark = pytest.mark.django_db(transaction=True)
THOUGHT = "先看资料"


@pytest.fixture
def bob(live, knowledge) -> Asker:
    return Asker(live, knowledge.bob)


@pytest.mark.parametrize("name", ["think", "reasoning"])
def test_thoughts_come_as_their_own_events_and_are_kept_apart(bob, model, name):
    events = bob.ask("年休假有几天？", model=name)
    thoughts = "".join(data["text"] for event, data in events if event == "reasoning")
    assert THOUGHT in thoughts
    assert names_of(events).index("reasoning") < names_of(events).index("delta")
    message = bob.saved(events)
    assert THOUGHT in message["reasoning"]
    assert THOUGHT not in message["content"]
    assert "think" not in message["content"]
    assert message["content"].startswith("根据资料")


def test_a_model_that_only_closes_its_thinking_is_read_right_from_the_second_time(bob, model):
    bob.ask("年休假有几天？", model="noopen")
    message = bob.saved(bob.ask("年休假有几天？", model="noopen"))
    assert THOUGHT in message["reasoning"]
    assert "</think>" not in message["content"]


def test_thoughts_are_not_sent_back_as_history(bob, model):
    conversation = bob.conversation()
    bob.ask("年休假有几天？", conversation=conversation, model="think")
    events = bob.ask("再说一遍", conversation=conversation, model="echo")
    assert THOUGHT not in text_of(events)


def test_without_a_stream_thoughts_have_their_own_field(bob, model):
    path = f"/api/v1/conversations/{bob.conversation()}/messages"
    answer = bob.http.post(path, json={"content": "年休假有几天？", "model": "think", "stream": False}).json()
    assert THOUGHT in answer["reasoning"]
    assert THOUGHT not in answer["content"]
