"""An answer that was cut off goes on in the same message; one that is whole does not."""

from __future__ import annotations

import pytest

from apps.chat.models import Message
from tests.chatting import Asker, text_of
from tests.test_conversations_rest import sent

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["sent"]


@pytest.fixture
def bob(live, knowledge) -> Asker:
    return Asker(live, knowledge.bob)


def going_on(bob: Asker, message_id: str):
    return bob.http.post(f"/api/v1/messages/{message_id}/continue", json={"stream": False})


@pytest.mark.parametrize("name", ["length", "cut", "stall"])
def test_it_goes_on_from_its_last_word(bob, sent, model, name):
    events = bob.ask("年休假有几天？", model=name)
    before, message_id = text_of(events), dict(events)["start"]["message_id"]
    answer = going_on(bob, message_id)
    assert answer.status_code == 200, answer.text
    assert answer.json()["message_id"] == message_id
    assert answer.json()["content"].startswith(before) and len(answer.json()["content"]) > len(before)
    roles = [message["role"] for message in sent[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert sent[-1]["messages"][2]["content"] == before
    assert "<source " in sent[-1]["messages"][1]["content"]  # the sources that it had
    row = Message.objects.get(pk=message_id)
    assert row.content == answer.json()["content"]
    assert row.sources.count() == len({source.number for source in row.sources.all()}) > 0


def test_one_that_is_whole_does_not(bob, model):
    message_id = dict(bob.ask("年休假有几天？"))["start"]["message_id"]
    assert going_on(bob, message_id).status_code == 409
    assert Message.objects.get(pk=message_id).status == "complete"


def test_sources_that_may_no_longer_be_read_are_not_sent_again(bob, knowledge, sent, model):
    message_id = dict(bob.ask("年休假有几天？", model="length"))["start"]["message_id"]
    knowledge.cabinet.grants.all().delete()
    going_on(bob, message_id)
    assert "<source " not in sent[-1]["messages"][1]["content"]
