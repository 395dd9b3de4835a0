"""Conversations by REST: one's own only, their scope, their history, and what is refused."""

from __future__ import annotations

from uuid import uuid4

import orjson
import pytest

from apps.cabinets.services.cabinets import cabinet_create
from apps.chat.models import Conversation, Message
from apps.chat.services import LONGEST_QUESTION
from tests.chatting import HOTEL, LEAVE, Asker, add_document, text_of
from tests.fakes import openai_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bob(live, knowledge) -> Asker:
    return Asker(live, knowledge.bob)


@pytest.fixture
def charlie(live, knowledge) -> Asker:
    return Asker(live, knowledge.charlie)


@pytest.fixture
def sent(monkeypatch) -> list[dict]:
    """The requests that reached the model."""
    kept: list[dict] = []
    real = openai_server.ScriptedModel.handle

    async def handle(self, request, out):
        if request.path.endswith("/chat/completions"):
            kept.append(orjson.loads(request.body))
        await real(self, request, out)

    monkeypatch.setattr(openai_server.ScriptedModel, "handle", handle)
    return kept


def test_a_conversation_is_seen_by_its_owner_alone(bob, charlie, model):
    conversation = bob.conversation(title="假期")
    message_id = dict(bob.ask("年休假有几天？", conversation=conversation))["start"]["message_id"]
    assert [item["title"] for item in bob.http.get("/api/v1/conversations").json()["items"]] == ["假期"]
    assert charlie.http.get("/api/v1/conversations").json()["items"] == []
    path = f"/api/v1/conversations/{conversation}"
    calls = [
        ("GET", path, None),
        ("PATCH", path, {"title": "x"}),
        ("DELETE", path, None),
        ("POST", f"{path}/messages", {"content": "?"}),
        ("POST", f"/api/v1/messages/{message_id}/regenerate", {}),
        ("POST", f"/api/v1/messages/{message_id}/stop", None),
        ("POST", f"/api/v1/messages/{message_id}/feedback", {"rating": "up"}),
    ]
    for method, address, body in calls:
        answer = charlie.http.request(method, address, json=body)
        assert answer.status_code == 404, (method, address)
        assert answer.headers["content-type"] == "application/problem+json"
    assert Conversation.objects.get().title == "假期"


def test_the_first_question_names_it_and_renaming_and_deleting_work(bob, model):
    conversation = bob.conversation()
    bob.ask("年休假有几天？\n请详细说明", conversation=conversation)
    path = f"/api/v1/conversations/{conversation}"
    assert bob.http.get(path).json()["title"] == "年休假有几天？"
    assert bob.http.patch(path, json={"title": " 休假 "}).json()["title"] == "休假"
    assert bob.http.patch(path, json={"title": "   "}).status_code == 422
    assert bob.http.delete(path).status_code == 204
    assert bob.http.get(path).status_code == 404
    assert not Message.objects.exists()


def test_it_is_found_by_its_words(bob, model):
    bob.ask("年休假有几天？")
    found = bob.http.get("/api/v1/conversations", params={"q": "年休假"}).json()["items"]
    assert len(found) == 1
    assert bob.http.get("/api/v1/conversations", params={"q": "火星"}).json()["items"] == []


def test_only_the_chosen_cabinets_are_asked(live, knowledge, model):
    alice = Asker(live, knowledge.alice)
    other = cabinet_create(by=knowledge.alice, name="Other")
    add_document(knowledge.alice, other.folders.get(parent=None), "住宿.txt", "住宿标准为每天九百元。")
    chosen = alice.conversation(cabinet_ids=[str(other.pk)])
    events = alice.ask("住宿标准是多少？", conversation=chosen)
    assert {source["title"] for source in dict(events)["sources"]["items"]} == {"住宿"}
    everywhere = dict(alice.ask("住宿标准是多少？"))["sources"]["items"]
    assert {HOTEL, "住宿标准为每天九百元。"} <= {source["text"] for source in everywhere}
    narrowed = alice.ask("住宿标准是多少？", cabinet_ids=[str(knowledge.cabinet.pk)])
    assert "住宿" not in {source["title"] for source in dict(narrowed)["sources"]["items"]}


def test_only_the_chosen_documents_are_asked(bob, knowledge, model):
    leave = knowledge.cabinet.documents.get(title="休假")
    events = bob.ask("住宿标准是多少？", document_ids=[str(leave.pk)])
    assert {source["text"] for source in dict(events)["sources"]["items"]} <= {LEAVE}


def test_a_foreign_cabinet_is_as_absent_as_none(bob, knowledge):
    foreign = cabinet_create(by=knowledge.charlie, name="Private")
    conversation = bob.conversation()
    path = f"/api/v1/conversations/{conversation}"
    for cabinet_id in (str(foreign.pk), str(uuid4())):
        assert bob.http.post("/api/v1/conversations", json={"cabinet_ids": [cabinet_id]}).status_code == 404
        assert bob.http.patch(path, json={"title": "no", "cabinet_ids": [cabinet_id]}).status_code == 404
        body = {"content": "?", "cabinet_ids": [cabinet_id]}
        assert bob.http.post(f"{path}/messages", json=body).status_code == 404
    assert bob.http.get(path).json()["title"] == ""  # nothing of a refused change was kept


def test_rights_that_were_withdrawn_leave_nothing_to_find(bob, knowledge, model):
    conversation = bob.conversation(cabinet_ids=[str(knowledge.cabinet.pk)])
    knowledge.cabinet.grants.filter(user=knowledge.bob).delete()
    events = bob.ask("年休假有几天？", conversation=conversation)
    assert dict(events)["sources"]["items"] == []
    assert LEAVE not in text_of(events)


def test_what_was_said_before_is_sent_as_far_as_it_fits(bob, sent, model, settings):
    settings.LLM_CONTEXT_TOKENS = 3000
    conversation = bob.conversation()
    for turn in range(6):
        bob.ask(f"第{turn}问：年休假有几天？" + "说明" * 60, conversation=conversation)
    last = sent[-1]["messages"]
    assert last[0]["role"] == "system"
    assert "第4问" in last[-3]["content"]
    assert "第5问" in last[-1]["content"]
    assert not any("第0问" in message["content"] for message in last)
    assert all("[1]" not in message["content"] for message in last[1:-1])  # marks of old sources


def test_a_question_asked_anew_does_not_see_its_old_answer(bob, sent, model):
    events = bob.ask("年休假有几天？")
    bob.http.post(
        f"/api/v1/messages/{dict(events)['start']['message_id']}/regenerate", json={"stream": False}
    )
    assert [message["role"] for message in sent[-1]["messages"]] == ["system", "user"]


def test_parameters_are_passed_to_the_model(bob, sent, model):
    bob.ask("年休假有几天？", parameters={"temperature": 0.2, "max_tokens": 77, "seed": 5})
    assert {name: sent[-1][name] for name in ("temperature", "max_tokens", "seed")} == {
        "temperature": 0.2,
        "max_tokens": 77,
        "seed": 5,
    }


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"content": ""}, "Enter a question."),
        ({"content": " \n "}, "Enter a question."),
        ({"content": "问" * (LONGEST_QUESTION + 5)}, f"this one has {LONGEST_QUESTION + 5}"),
        ({}, ""),
        ({"content": "?", "parameters": {"temperature": 9}}, ""),
        ({"content": "?", "document_ids": ["x"]}, ""),
    ],
)
def test_bad_questions_are_refused_and_not_saved(bob, body, says):
    answer = bob.http.post(f"/api/v1/conversations/{bob.conversation()}/messages", json=body)
    assert answer.status_code == 422
    assert says in answer.text
    assert not Message.objects.exists()


def test_an_answer_is_rated_and_a_question_is_not(bob, model):
    message_id = dict(bob.ask("年休假有几天？"))["start"]["message_id"]
    path = f"/api/v1/messages/{message_id}/feedback"
    assert bob.http.post(path, json={"rating": "down", "comment": "少了"}).status_code == 204
    assert Message.objects.get(pk=message_id).comment == "少了"
    assert bob.http.post(path, json={"rating": "maybe"}).status_code == 422
    question = Message.objects.get(role="user")
    answer = bob.http.post(f"/api/v1/messages/{question.pk}/feedback", json={"rating": "up"})
    assert answer.status_code == 409


def test_a_key_without_the_chat_scope_may_not_ask(live, knowledge, bob):
    from tests.factories import bearer

    bob.http.headers["Authorization"] = bearer(knowledge.bob, "search")["HTTP_AUTHORIZATION"]
    assert bob.http.get("/api/v1/conversations").status_code == 403
    assert (
        bob.http.post(f"/api/v1/conversations/{uuid4()}/messages", json={"content": "?"}).status_code == 403
    )
