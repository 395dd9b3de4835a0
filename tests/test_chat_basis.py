"""Where the documents hold no answer it is said, and an answer without documents is labelled as such."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.chatting import Asker, names_of, use_model
from tests.fakes.openai_server import Script, scripted_server
from tests.test_conversations_rest import sent

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["sent"]
UNKNOWN = "火星基地的门禁密码是什么？"


@pytest.fixture
def bob(live, knowledge) -> Asker:
    return Asker(live, knowledge.bob)


def test_an_answered_question_is_marked_as_found(bob, model):
    events = bob.ask("年休假有几天？")
    assert dict(events)["done"]["found"] is True
    assert bob.saved(events)["found"] is True


def test_where_nothing_is_cited_and_nothing_was_found_it_is_said(bob, sent, settings):
    with scripted_server(Script(replies={"很可能没有直接回答": "密码由基地的值班人员保管。"})) as base_url:
        use_model(settings, base_url)
        events = bob.ask(UNKNOWN)
    assert dict(events)["done"]["found"] is False
    assert bob.saved(events)["found"] is False
    assert "很可能没有直接回答" in sent[-1]["messages"][0]["content"]


def test_a_general_answer_is_asked_for_and_labelled(bob, sent, model, knowledge):
    first = dict(bob.ask(UNKNOWN, model="length"))["start"]["message_id"]
    path = f"/api/v1/messages/{first}/regenerate"
    answer = bob.http.post(path, json={"basis": "general", "stream": False, "model": "echo"}).json()
    assert answer["basis"] == "general"
    assert (answer["sources"], answer["checks"], answer["citations"]) == ([], [], [])
    assert "<sources>" not in sent[-1]["messages"][-1]["content"]
    saved = bob.http.get(f"/api/v1/messages/{answer['message_id']}").json()
    assert (saved["basis"], len(saved["siblings"])) == ("general", 2)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(knowledge.bob)
    page = client.get(f"/messages/{answer['message_id']}/fragment/").content.decode()
    assert "not from your documents" in page


def test_without_a_model_there_is_no_general_answer(bob, settings):
    settings.LLM_BASE_URL, settings.LLM_DISCOVERY = "", []
    events = bob.ask(UNKNOWN)
    assert names_of(events)[-1] == "done"
    path = f"/api/v1/messages/{dict(events)['start']['message_id']}/regenerate"
    assert bob.http.post(path, json={"basis": "general"}).status_code == 422
