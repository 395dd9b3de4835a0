"""What no longer fits is summarised once, kept, and sent in place of the old turns on its branch alone."""

from __future__ import annotations

import pytest

from apps.chat.models import Conversation
from tests.chatting import Asker, use_model, wait_until
from tests.fakes.openai_server import Script, scripted_server
from tests.test_conversations_rest import sent

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["sent"]
SUMMARY = "用户在了解休假。"


@pytest.fixture
def bob(live, knowledge, sent, settings):
    settings.LLM_CONTEXT_TOKENS = 2400
    with scripted_server(Script(replies={"压缩成": SUMMARY})) as base_url:
        use_model(settings, base_url)
        yield Asker(live, knowledge.bob)


def long_talk(bob: Asker, conversation: str) -> list[str]:
    made = []
    for turn in range(4):
        events = bob.ask(f"第{turn}问：年休假有几天？" + "说明" * 50, conversation=conversation)
        made.append(dict(events)["start"]["message_id"])
    return made


def test_a_long_conversation_is_summarised_and_the_summary_sent(bob, sent):
    conversation = bob.conversation()
    long_talk(bob, conversation)
    wait_until(lambda: Conversation.objects.get(pk=conversation).summary == SUMMARY)
    bob.ask("年休假要申请吗？", conversation=conversation)
    last = [one for one in sent if "年休假要申请吗" in one["messages"][-1]["content"]][-1]["messages"]
    assert SUMMARY in last[0]["content"]
    assert not any("第0问" in message["content"] for message in last)


def test_a_branch_that_left_before_it_does_not_get_it(bob, sent):
    conversation = bob.conversation()
    first = long_talk(bob, conversation)[0]
    wait_until(lambda: Conversation.objects.get(pk=conversation).summary == SUMMARY)
    question = bob.http.get(f"/api/v1/messages/{first}").json()["parent_id"]
    bob.ask("年休假要申请吗？", conversation=conversation, edit_of=question)
    last = [one for one in sent if "年休假要申请吗" in one["messages"][-1]["content"]][-1]["messages"]
    assert SUMMARY not in last[0]["content"]
    assert len(last) == 2
