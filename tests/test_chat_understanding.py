"""What is searched for: a follow-up in its conversation, in two languages; said in the events and kept."""

from __future__ import annotations

import orjson
import pytest

from apps.chat import understanding
from tests.chatting import ALIASES, Asker, add_document, names_of, use_model
from tests.fakes.openai_server import Script, scripted_server

pytestmark = pytest.mark.django_db(transaction=True)
PREPARES = "You prepare searches"


@pytest.fixture
def bob(live, knowledge) -> Asker:
    return Asker(live, knowledge.bob)


@pytest.fixture
def says(settings):
    """A model that answers a rewriting request with this object, and questions as `cite`."""
    servers = []

    def start(body, **script):
        said = {PREPARES: orjson.dumps(body).decode()} if body is not None else {}
        server = scripted_server(Script(aliases=ALIASES, replies=said, **script))
        servers.append(server)
        use_model(settings, server.__enter__())

    yield start
    for server in servers:
        server.__exit__(None, None, None)


def followed_up(bob: Asker, question: str, **body) -> list:
    conversation = bob.conversation()
    bob.ask("年休假有几天？", conversation=conversation)
    return bob.ask(question, conversation=conversation, **body)


def test_a_follow_up_is_put_in_other_words_by_the_model(bob, says):
    says({"queries": ["差旅住宿标准是多少？"], "translation": "What is the hotel limit?"})
    events = followed_up(bob, "那住宿呢？")
    phases = [data["phase"] for name, data in events if name == "status"]
    assert phases[:2] == ["understand", "search"]
    assert dict(events)["sources"]["searched_for"] == ["差旅住宿标准是多少？"]
    assert "四百元" in dict(events)["sources"]["items"][0]["text"]
    assert bob.saved(events)["searched_for"] == ["差旅住宿标准是多少？"]


def test_a_question_that_stands_alone_is_searched_as_it_is(bob, says):
    says({"queries": ["something else"]})
    events = bob.ask("年休假有几天？")
    assert dict(events)["sources"]["searched_for"] == []
    assert "understand" not in [data.get("phase") for name, data in events if name == "status"]


@pytest.mark.parametrize("body", [None, {"queries": []}, ["x"]])
def test_without_a_usable_answer_it_is_searched_with_the_question_before(bob, says, body):
    says(body)
    events = followed_up(bob, "那住宿呢？")
    assert dict(events)["sources"]["searched_for"] == ["年休假有几天？ 那住宿呢？"]
    assert names_of(events)[-1] == "done"


def test_a_model_that_is_slow_to_understand_is_not_waited_for(bob, says, monkeypatch):
    monkeypatch.setattr(understanding, "SECONDS", 0.05)
    says({"queries": ["x"]}, first_token_s=0.5)
    events = followed_up(bob, "那住宿呢？")
    assert dict(events)["sources"]["searched_for"] == ["年休假有几天？ 那住宿呢？"]


def test_without_a_model_a_follow_up_is_searched_with_the_question_before(bob, settings):
    settings.LLM_BASE_URL, settings.LLM_DISCOVERY = "", []
    events = followed_up(bob, "住宿呢？")
    assert dict(events)["sources"]["searched_for"] == ["年休假有几天？ 住宿呢？"]
    assert dict(events)["done"]["finish_reason"] == "extractive"


def test_it_can_be_switched_off_for_a_conversation(bob, says):
    says({"queries": ["差旅住宿标准是多少？"]})
    conversation = bob.conversation()
    changed = bob.http.patch(f"/api/v1/conversations/{conversation}", json={"rewrites": False})
    assert changed.json()["rewrites"] is False
    bob.ask("年休假有几天？", conversation=conversation)
    events = bob.ask("那住宿呢？", conversation=conversation)
    assert dict(events)["sources"]["searched_for"] == []


def test_files_in_the_other_language_are_found(bob, knowledge, says):
    add_document(
        knowledge.alice, knowledge.root_folder, "parking.txt", "Parking permits cost 30 dollars a month."
    )
    says({"queries": ["停车证多少钱？"], "translation": "How much is a parking permit a month?"})
    events = bob.ask("停车证每月多少钱？")
    assert "How much is a parking permit a month?" in dict(events)["sources"]["searched_for"]
    assert any("Parking permits" in item["text"] for item in dict(events)["sources"]["items"])
