"""Without any model the best sentences are quoted, with their citations, and labelled as such."""

from __future__ import annotations

import pytest

from tests.chatting import HOTEL, LEAVE, Asker, names_of, text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bob(live, knowledge) -> Asker:
    return Asker(live, knowledge.bob)


def test_the_sentence_that_answers_is_quoted_word_for_word(bob):
    events = bob.ask("差旅住宿标准是多少？")
    done = dict(events)["done"]
    assert done["finish_reason"] == "extractive"
    assert "差旅住宿标准为每天四百元。" in text_of(events)
    assert done["usage"] == {}
    message = bob.saved(events)
    assert (message["status"], message["model"]) == ("complete", "")
    assert message["citations"][0]["quote"] in HOTEL
    assert all(check["verdict"] == "supported" for check in message["checks"])


def test_every_cited_number_is_a_source_that_was_told(bob):
    events = bob.ask("工作满十年的年休假有几天？")
    numbers = {source["number"] for source in dict(events)["sources"]["items"]}
    assert dict(events)["done"]["citations"]
    assert set(dict(events)["done"]["citations"]) <= numbers
    assert LEAVE in {source["text"] for source in dict(events)["sources"]["items"]}


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("火星上的重力加速度？", "资料中没有找到相关内容。"),
        ("Who painted the Mona Lisa?", "This was not found in the documents."),
    ],
)
def test_what_is_not_there_is_said_to_be_not_there(bob, question, sentence):
    events = bob.ask(question)
    assert text_of(events) == sentence
    assert dict(events)["done"]["citations"] == []
    assert bob.saved(events)["status"] == "complete"


def test_an_empty_knowledge_base_answers_too(live, people, rag):
    events = Asker(live, people.charlie).ask("年休假有几天？")
    assert names_of(events) == ["start", "status", "sources", "status", "delta", "done"]
    assert text_of(events) == "资料中没有找到相关内容。"


def test_a_stranger_is_answered_from_nothing(live, knowledge):
    events = Asker(live, knowledge.charlie).ask("年休假有几天？")
    assert dict(events)["sources"]["items"] == []
    assert text_of(events) == "资料中没有找到相关内容。"
