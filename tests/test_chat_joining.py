"""Leaving and coming back: an answer that is kept goes on, and whoever opens it reads it whole."""

from __future__ import annotations

from contextlib import contextmanager
from uuid import UUID

import pytest

from apps.chat import live as living
from apps.chat.models import Message
from tests.chatting import Asker, events_of, names_of, text_of, wait_until
from tests.fakes.openai_server import stats

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bob(live, knowledge, model, settings) -> Asker:
    settings.LLM_TIMEOUTS = {"connect_s": 5, "first_token_s": 60, "idle_s": 60, "total_s": 60}
    return Asker(live, knowledge.bob)


@contextmanager
def joining(asker: Asker, message_id: str, query: str = ""):
    with asker.http.stream("GET", f"/api/v1/messages/{message_id}/stream{query}") as response:
        assert response.status_code == 200
        yield events_of(response.iter_lines())


def joined(asker: Asker, message_id: str, query: str = "") -> list:
    with joining(asker, message_id, query) as events:
        return list(events)


def left_after_words(asker: Asker, **body) -> str:
    with asker.asking("年休假有几天？", **body) as events:
        message_id = next(events)[1]["message_id"]
        for name, _data in events:
            if name == "delta":
                return message_id
    raise AssertionError("no words came")


def test_a_kept_answer_goes_on_without_its_reader_and_can_be_joined(bob, model):
    message_id = left_after_words(bob, model="paced", keep=True)
    events = joined(bob, message_id)
    assert names_of(events)[0] == "start" and names_of(events)[-1] == "done"
    assert names_of(events).count("start") == 1
    row = Message.objects.get(pk=message_id)
    assert row.status == "complete"
    assert text_of(events) == row.content
    assert dict(events)["sources"]["items"]


def test_who_was_away_goes_on_after_the_last_event_it_had(bob, model):
    with bob.http.stream(
        "POST", f"/api/v1/conversations/{bob.conversation()}/messages",
        json={"content": "年休假有几天？", "model": "paced", "keep": True},
    ) as response:  # fmt: skip
        lines, words, place, message_id = response.iter_lines(), "", 0, ""
        for line in lines:
            if line.startswith("id: "):
                place = int(line.removeprefix("id: "))
            elif line.startswith("data: ") and '"message_id"' in line:
                message_id = line.split('"message_id":"')[1][:36]
            elif line.startswith("data: ") and line.startswith('data: {"text"'):
                words = line.removeprefix('data: {"text":"').removesuffix('"}')
                break
    rest = joined(bob, message_id, f"?after={place}")
    assert "start" not in names_of(rest)
    assert words + text_of(rest) == Message.objects.get(pk=message_id).content


def test_several_read_the_same_answer_at_once(bob, model):
    with bob.asking("年休假有几天？", model="paced") as first:
        message_id = next(first)[1]["message_id"]
        with joining(bob, message_id) as second:
            assert text_of(list(second)) == text_of(list(first)) != ""
    assert stats(model).aborted == 0


def test_the_answer_goes_on_as_long_as_anybody_reads(bob, model):
    with bob.asking("年休假有几天？", model="paced") as first:
        message_id = next(first)[1]["message_id"]
        with joining(bob, message_id) as second:
            next(second)
            first.close()
            assert list(second)[-1][0] == "done"


def test_a_stop_ends_a_kept_answer_for_all_who_read(bob, model):
    message_id = left_after_words(bob, model="endless", keep=True)
    with joining(bob, message_id) as events:
        next(events)
        bob.http.post(f"/api/v1/messages/{message_id}/stop")
        assert list(events)[-1][1]["finish_reason"] == "stopped"
    wait_until(lambda: stats(model).open == 0)


def test_an_answer_that_is_over_is_told_from_its_row(bob, model):
    message_id = dict(bob.ask("年休假有几天？"))["start"]["message_id"]
    events = joined(bob, message_id, "?render=html")
    assert list(dict.fromkeys(names_of(events))) == ["start", "sources", "delta", "render", "done"]
    assert "五天" in text_of(events)
    failed = dict(bob.ask("年休假有几天？", model="refuse-429"))["start"]["message_id"]
    assert joined(bob, failed)[-1][1]["code"] == "model_busy"


def test_an_answer_written_elsewhere_is_followed_by_its_row(bob, model, monkeypatch):
    monkeypatch.setattr("apps.chat.joining.LOOK_SECONDS", 0.05)
    message_id = dict(bob.ask("年休假有几天？"))["start"]["message_id"]
    whole = Message.objects.get(pk=message_id).content
    Message.objects.filter(pk=message_id).update(status="streaming", content=whole[:4])
    with joining(bob, message_id) as events:
        assert [next(events), next(events)][1][1]["text"] == whole[:4]
        Message.objects.filter(pk=message_id).update(status="complete", content=whole)
        rest = list(events)
    assert whole[:4] + text_of(rest) == whole
    assert rest[-1][0] == "done"


def test_the_words_so_far_are_saved_while_the_model_writes(bob, model, monkeypatch):
    monkeypatch.setattr("apps.chat.keeping.LEAST_SECONDS", 0.05)
    message_id = left_after_words(bob, model="stall", keep=True)
    wait_until(lambda: Message.objects.get(pk=message_id).content != "")
    assert Message.objects.get(pk=message_id).status == "streaming"
    bob.http.post(f"/api/v1/messages/{message_id}/stop")
    wait_until(lambda: living.live_answer(UUID(message_id)) is None)


def test_a_stranger_cannot_join(bob, live, knowledge, model):
    message_id = dict(bob.ask("年休假有几天？"))["start"]["message_id"]
    answer = Asker(live, knowledge.charlie).http.get(f"/api/v1/messages/{message_id}/stream")
    assert answer.status_code == 404


def test_sources_of_documents_that_may_no_longer_be_read_are_not_told(bob, knowledge, model):
    message_id = dict(bob.ask("年休假有几天？"))["start"]["message_id"]
    knowledge.cabinet.grants.all().delete()
    assert dict(joined(bob, message_id))["sources"]["items"] == []


def test_answers_without_a_reader_are_bounded(bob, model, monkeypatch):
    monkeypatch.setattr(living, "MOST_KEPT", 1)
    with bob.asking("年休假有几天？", model="hang", keep=True) as events:
        message_id = next(events)[1]["message_id"]
    path = f"/api/v1/conversations/{bob.conversation()}/messages"
    refused = bob.http.post(path, json={"content": "年休假有几天？", "keep": True})
    assert refused.status_code == 429
    assert refused.headers["retry-after"]
    bob.http.post(f"/api/v1/messages/{message_id}/stop")
    wait_until(lambda: living.live_answer(UUID(message_id)) is None)
    assert joined(bob, message_id)[-1][0] == "done"
