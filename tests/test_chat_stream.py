"""A streamed answer: its events in order, one by one, and the message that is saved."""

from __future__ import annotations

import pytest

from tests.chatting import LEAVE, Asker, names_of, text_of
from tests.fakes.openai_server import stats

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bob(live, knowledge) -> Asker:
    return Asker(live, knowledge.bob)


def test_events_come_in_order_and_end_once(bob, model):
    names = names_of(bob.ask("年休假有几天？"))
    firsts = list(dict.fromkeys(names))
    assert firsts == ["start", "status", "sources", "delta", "done"]
    assert names.count("start") == names.count("sources") == names.count("done") == 1
    assert names[-1] == "done"


def test_the_answer_cites_the_passage_that_holds_it(bob, model):
    events = bob.ask("年休假有几天？")
    sources = dict(events)["sources"]["items"]
    done = dict(events)["done"]
    assert [source["number"] for source in sources] == list(range(1, len(sources) + 1))
    cited = next(source for source in sources if source["number"] in done["citations"])
    assert cited["text"] == LEAVE
    assert cited["url"].startswith(f"/documents/{cited['document_id']}/")
    assert "年休假为五天" in text_of(events)
    assert done["finish_reason"] == "stop"
    assert done["usage"]["completion_tokens"] > 0
    assert {"retrieval", "first_token", "total"} <= set(done["timings_ms"])
    assert done["checks"][0]["verdict"] == "supported"


def test_who_reads_done_finds_the_message_whole(bob, model):
    events = bob.ask("年休假有几天？")
    message = bob.saved(events)
    done = dict(events)["done"]
    assert message["status"] == "complete"
    assert message["content"] == text_of(events)
    assert message["finish_reason"] == "stop"
    assert message["model"] == "cite"
    assert message["usage"] == done["usage"]
    assert message["timings_ms"] == done["timings_ms"]
    assert message["checks"] == done["checks"]
    assert [citation["number"] for citation in message["citations"]] == done["citations"]
    assert message["citations"][0]["quote"] in LEAVE
    assert message["error"] is None


def test_words_arrive_while_the_model_still_writes(bob, model):
    with bob.asking("年休假有几天？", model="paced") as events:
        for name, _data in events:
            if name == "delta":
                assert stats(model).open == 1  # the model has not ended its own stream yet
                break
        rest = list(events)
    assert names_of(rest).count("delta") > 3
    assert rest[-1][0] == "done"


def test_the_page_gets_the_same_events_and_html(bob, model):
    conversation = bob.conversation()
    path = f"/api/v1/conversations/{conversation}/messages?render=html"
    from tests.chatting import events_of

    with bob.http.stream("POST", path, json={"content": "年休假有几天？"}) as response:
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["x-accel-buffering"] == "no"
        events = list(events_of(response.iter_lines()))
    html = [data["html"] for name, data in events if name == "render"][-1]
    message_id = dict(events)["start"]["message_id"]
    assert f'<a class="cite" href="/messages/{message_id}/sources/1/" data-number="1">1</a>' in html


def test_without_a_stream_the_same_comes_as_one_object(bob, model):
    path = f"/api/v1/conversations/{bob.conversation()}/messages"
    answer = bob.http.post(path, json={"content": "年休假有几天？", "stream": False}).json()
    assert "年休假为五天" in answer["content"]
    assert answer["finish_reason"] == "stop"
    assert answer["citations"]
    assert answer["error"] is None
    assert answer["sources"][0]["title"]


def test_two_answers_at_once_do_not_mix(live, knowledge, model):
    people = [Asker(live, knowledge.alice), Asker(live, knowledge.bob)]
    with (
        people[0].asking("年休假有几天？", model="cite") as first,
        people[1].asking("住宿标准是多少？", model="cite") as second,
    ):
        assert "五天" in text_of(list(first))
        assert "四百元" in text_of(list(second))


def test_a_fault_of_the_program_ends_the_stream_and_the_message(bob, model, monkeypatch):
    def fails(*_args, **_kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("apps.chat.outcome.check_answer", fails)
    events = bob.ask("年休假有几天？")
    assert events[-1][0] == "error"
    assert events[-1][1]["code"] == "internal"
    message = bob.saved(events)
    assert message["status"] == "interrupted"
    assert "五天" in message["content"]
