"""Several models answer one question side by side, and one of the answers is chosen."""

from __future__ import annotations

import pytest

from tests.chatting import Asker
from tests.test_chat_joining import joined

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bob(live, knowledge) -> Asker:
    return Asker(live, knowledge.bob)


def compare(bob: Asker, conversation: str, models: list[str]):
    body = {"content": "年休假有几天？", "models": models}
    return bob.http.post(f"/api/v1/conversations/{conversation}/compare", json=body)


def test_each_model_answers_and_the_chosen_answer_is_shown(bob, model):
    conversation = bob.conversation()
    made = compare(bob, conversation, ["cite", "echo"])
    assert made.status_code == 202, made.text
    answers = made.json()["answers"]
    assert [answer["model"] for answer in answers] == ["cite", "echo"]
    for answer in answers:
        done = joined(bob, answer["message_id"])[-1]
        assert done[0] == "done"
        assert {"first_token", "total"} <= set(done[1]["timings_ms"])
        assert done[1]["usage"]["completion_tokens"] > 0
    second = answers[1]["message_id"]
    assert bob.http.post(f"/api/v1/messages/{second}/show").status_code == 204
    shown = bob.http.get(f"/api/v1/conversations/{conversation}").json()["messages"]
    assert [message["id"] for message in shown][1:] == [second]
    assert (shown[1]["preferred"], len(shown[1]["siblings"])) == (True, 2)
    first = bob.http.get(f"/api/v1/messages/{answers[0]['message_id']}").json()
    assert first["compared"] == shown[1]["compared"] and not first["preferred"]


@pytest.mark.parametrize("models", [["cite", "cite"], ["cite", "echo", "ok", "length"], ["cite", "no-such"]])
def test_what_cannot_be_compared_is_refused_before_anything_is_saved(bob, model, models):
    conversation = bob.conversation()
    assert compare(bob, conversation, models).status_code == 422
    assert bob.http.get(f"/api/v1/conversations/{conversation}").json()["messages"] == []
