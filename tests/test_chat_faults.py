"""Every fault of a model's server ends the answer with its sentence; none passes for a whole answer."""

from __future__ import annotations

import pytest

from apps.assistants import providers
from apps.chat.messages import SENTENCES
from apps.rag.errors import StoreError
from tests.chatting import Asker, names_of, text_of, use_model
from tests.services import free_port

pytestmark = pytest.mark.django_db(transaction=True)

# model's name → (code, status of the message)
FAULTS = {
    "hang": ("model_timeout", "error"),
    "stall": ("model_timeout", "interrupted"),
    "cut": ("model_interrupted", "interrupted"),
    "cut-plain": ("model_interrupted", "interrupted"),
    "cut-early": ("model_unavailable", "error"),
    "html": ("model_bad_answer", "error"),
    "badjson": ("model_bad_answer", "interrupted"),
    "error": ("model_interrupted", "interrupted"),
    "redirect": ("model_bad_answer", "error"),
    "empty": ("model_empty", "error"),
    "onlythought": ("model_empty", "error"),
    "context": ("model_context", "error"),
    "refuse-400": ("model_unavailable", "error"),
    "refuse-401": ("model_auth", "error"),
    "refuse-403": ("model_auth", "error"),
    "refuse-404": ("model_not_found", "error"),
    "refuse-413": ("model_context", "error"),
    "refuse-429": ("model_busy", "error"),
    "refuse-500": ("model_unavailable", "error"),
    "refuse-503": ("model_unavailable", "error"),
}


@pytest.fixture
def bob(live, knowledge) -> Asker:
    return Asker(live, knowledge.bob)


@pytest.mark.parametrize(("name", "code", "status"), [(name, *end) for name, end in FAULTS.items()])
def test_a_fault_is_told_and_never_saved_as_complete(bob, model, name, code, status):
    events = bob.ask("年休假有几天？", model=name)
    assert names_of(events)[-1] == "error"
    assert names_of(events).count("error") == 1
    assert "done" not in names_of(events)
    end = events[-1][1]
    assert (end["code"], end["status"]) == (code, status)
    assert end["message"] == SENTENCES[code]
    message = bob.saved(events)
    assert message["status"] == status
    assert message["error"] == {"code": code, "message": SENTENCES[code]}
    assert message["finish_reason"] == ""
    assert message["content"].strip() == text_of(events).strip()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("slow-start", "stop"),
        ("length", "length"),
        ("json", "stop"),
        ("old", "stop"),
        ("strict", "stop"),
        ("noswitch", "stop"),
    ],
)
def test_what_is_odd_but_whole_is_complete(bob, model, name, reason):
    events = bob.ask("年休假有几天？", model=name, parameters={"max_tokens": 500})
    assert names_of(events)[-1] == "done"
    assert bob.saved(events)["status"] == "complete"
    assert bob.saved(events)["finish_reason"] == reason


def test_a_server_that_is_not_there_is_told(bob, settings):
    use_model(settings, f"http://127.0.0.1:{free_port()}/v1", "some-model")
    events = bob.ask("年休假有几天？")
    assert events[-1][1]["code"] == "model_unavailable"
    assert bob.saved(events)["status"] == "error"


def test_an_answer_without_end_is_cut_off(bob, model, monkeypatch):
    monkeypatch.setattr("apps.chat.answering.LONGEST_ANSWER", 2_000)
    events = bob.ask("年休假有几天？", model="endless")
    assert events[-1][1]["code"] == "model_endless"
    message = bob.saved(events)
    assert message["status"] == "interrupted"
    assert 2_000 < len(message["content"]) < 50_000


def test_the_sentence_is_in_the_language_of_the_reader(live, knowledge, model):
    events = Asker(live, knowledge.bob, language="zh-CN").ask("年休假有几天？", model="refuse-429")
    assert events[-1][1]["message"] != SENTENCES["model_busy"]
    assert "模型" in events[-1][1]["message"]


def test_after_a_fault_the_same_question_can_be_asked_again(bob, model):
    conversation = bob.conversation()
    failed = bob.ask("年休假有几天？", conversation=conversation, model="cut")
    message_id = dict(failed)["start"]["message_id"]
    again = bob.http.post(
        f"/api/v1/messages/{message_id}/regenerate", json={"model": "cite", "stream": False}
    ).json()
    assert again["finish_reason"] == "stop"
    assert "五天" in again["content"]
    shown = bob.http.get(f"/api/v1/conversations/{conversation}").json()["messages"]
    assert [(message["role"], message["status"]) for message in shown] == [
        ("user", "complete"),
        ("assistant", "complete"),
    ]


def test_an_answer_that_is_still_written_is_not_made_anew(bob, model):
    with bob.asking("年休假有几天？", model="hang") as events:
        message_id = next(events)[1]["message_id"]
        answer = bob.http.post(f"/api/v1/messages/{message_id}/regenerate", json={})
        assert answer.status_code == 409
        assert answer.json()["type"].endswith("streaming")
        bob.http.post(f"/api/v1/messages/{message_id}/stop")
        list(events)


def test_a_store_that_is_down_is_told(bob, model, monkeypatch):
    def down(*_args, **_kwargs):
        raise StoreError("no route")

    monkeypatch.setattr("apps.chat.sourcing.search_scope", down)
    events = bob.ask("年休假有几天？")
    assert names_of(events) == ["start", "status", "error"]
    assert events[-1][1]["code"] == "store_unavailable"
    assert bob.saved(events)["status"] == "error"


def test_a_store_that_hangs_is_given_up(bob, model, monkeypatch):
    import threading

    release = threading.Event()
    monkeypatch.setattr("apps.chat.answering.RETRIEVAL_SECONDS", 0.2)
    monkeypatch.setattr("apps.chat.sourcing.search_scope", lambda *_a, **_k: release.wait(10))
    events = bob.ask("年休假有几天？")
    release.set()
    assert events[-1][1]["code"] == "store_timeout"


def test_a_model_that_no_endpoint_has_is_refused_before_anything_is_saved(bob, model):
    conversation = bob.conversation()
    path = f"/api/v1/conversations/{conversation}/messages"
    answer = bob.http.post(path, json={"content": "?", "model": "no-such"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "model"
    assert bob.http.get(f"/api/v1/conversations/{conversation}").json()["messages"] == []
    assert providers.chat_model("cite") is not None


def test_a_question_of_a_hundred_thousand_characters_is_refused_and_not_saved(bob, model):
    conversation = bob.conversation()
    answer = bob.http.post(f"/api/v1/conversations/{conversation}/messages", json={"content": "问" * 100_000})
    assert answer.status_code == 422
    assert "100000" in answer.json()["errors"][0]["message"]
    assert bob.http.get(f"/api/v1/conversations/{conversation}").json()["messages"] == []
