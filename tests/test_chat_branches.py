"""Asking in other words and answering anew keep what was there, and the shown branch is remembered."""

from __future__ import annotations

import pytest

from apps.chat.models import Conversation
from tests.chatting import Asker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bob(live, knowledge, model) -> Asker:
    return Asker(live, knowledge.bob)


def start_of(events) -> dict:
    return dict(events)["start"]


def shown(bob: Asker, conversation: str) -> list[dict]:
    return bob.http.get(f"/api/v1/conversations/{conversation}").json()["messages"]


def texts(bob: Asker, conversation: str) -> list[str]:
    return [message["content"] for message in shown(bob, conversation) if message["role"] == "user"]


def test_an_answer_made_anew_stands_beside_the_old_one(bob):
    conversation = bob.conversation()
    first = start_of(bob.ask("年休假有几天？", conversation=conversation))["message_id"]
    again = bob.http.post(f"/api/v1/messages/{first}/regenerate", json={"stream": False}).json()
    answer = shown(bob, conversation)[-1]
    assert answer["id"] == again["message_id"] != first
    assert answer["siblings"] == [first, again["message_id"]]


def test_a_question_in_other_words_begins_a_branch_and_both_are_kept(bob):
    conversation = bob.conversation()
    bob.ask("年休假有几天？", conversation=conversation)
    bob.ask("住宿标准是多少？", conversation=conversation)
    old = shown(bob, conversation)[2]
    bob.ask("住宿超过标准谁承担？", conversation=conversation, edit_of=old["id"])
    assert texts(bob, conversation) == ["年休假有几天？", "住宿超过标准谁承担？"]
    renewed = shown(bob, conversation)[2]
    assert renewed["siblings"] == [old["id"], renewed["id"]]
    assert renewed["parent_id"] == old["parent_id"]
    bob.http.post(f"/api/v1/messages/{old['id']}/show")
    assert texts(bob, conversation) == ["年休假有几天？", "住宿标准是多少？"]
    assert len(shown(bob, conversation)) == 4  # with its answer, as far as it was gone on


def test_the_first_question_can_be_asked_in_other_words(bob):
    conversation = bob.conversation()
    bob.ask("年休假有几天？", conversation=conversation)
    first = shown(bob, conversation)[0]
    bob.ask("住宿标准是多少？", conversation=conversation, edit_of=first["id"])
    assert texts(bob, conversation) == ["住宿标准是多少？"]


def test_what_is_asked_next_follows_the_shown_branch(bob):
    conversation = bob.conversation()
    first = start_of(bob.ask("年休假有几天？", conversation=conversation))["message_id"]
    bob.http.post(f"/api/v1/messages/{first}/regenerate", json={"stream": False})
    bob.http.post(f"/api/v1/messages/{first}/show")
    bob.ask("住宿标准是多少？", conversation=conversation)
    assert [message["id"] for message in shown(bob, conversation)][1] == first
    assert shown(bob, conversation)[2]["parent_id"] == first


def test_an_answer_is_no_question_to_be_asked_in_other_words(bob):
    conversation = bob.conversation()
    answer = start_of(bob.ask("年休假有几天？", conversation=conversation))["message_id"]
    path = f"/api/v1/conversations/{conversation}/messages"
    refused = bob.http.post(path, json={"content": "?", "edit_of": answer})
    assert refused.status_code == 409
    elsewhere = f"/api/v1/conversations/{bob.conversation()}/messages"
    question = shown(bob, conversation)[0]["id"]
    assert bob.http.post(elsewhere, json={"content": "?", "edit_of": question}).status_code == 422
    assert len(shown(bob, conversation)) == 2


def test_a_conversation_that_lost_its_place_shows_the_newest_branch(bob):
    conversation = bob.conversation()
    bob.ask("年休假有几天？", conversation=conversation)
    Conversation.objects.filter(pk=conversation).update(leaf=None)
    assert len(shown(bob, conversation)) == 2
