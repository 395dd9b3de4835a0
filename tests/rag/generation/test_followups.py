"""Which questions need their conversation, and what is read of a model's rewriting."""

from __future__ import annotations

import pytest

from apps.rag.followups import has_parts, needs_conversation, read_understood, with_previous

HISTORY = [
    {"role": "user", "content": "北京的差旅住宿标准是多少？"},
    {"role": "assistant", "content": "每天四百元。"},
]


@pytest.mark.parametrize(
    "question",
    [
        "那上海呢？",
        "and in London?",
        "它什么时候生效？",
        "上述规定适用于谁？",
        "How about those?",
        "为什么？",
    ],
)
def test_what_points_back_or_says_too_little_needs_the_conversation(question: str) -> None:
    assert needs_conversation(question)


@pytest.mark.parametrize(
    "question",
    ["差旅住宿标准是多少？", "How much may I spend on a hotel room in London?", "年休假需要提前几天申请？"],
)
def test_what_stands_alone_does_not(question: str) -> None:
    assert not needs_conversation(question)


def test_a_question_for_several_things_has_parts() -> None:
    assert has_parts("年休假有几天？住宿标准是多少钱？")
    assert not has_parts("年休假有几天？")


def test_the_question_before_is_joined() -> None:
    assert with_previous("那上海呢？", HISTORY) == "北京的差旅住宿标准是多少？ 那上海呢？"
    assert with_previous("那上海呢？", []) == "那上海呢？"


def test_a_rewriting_is_read_wherever_it_stands() -> None:
    said = 'Sure!\n```json\n{"queries": ["上海的差旅住宿标准是多少？", 7, ""], "translation": "What is the hotel limit in Shanghai?"}\n```'
    found = read_understood(said, question="那上海呢？")
    assert found.queries == ("上海的差旅住宿标准是多少？",)
    assert found.translation == "What is the hotel limit in Shanghai?"


@pytest.mark.parametrize(
    "said", ["", "no", "{", '{"queries": "x"}', "[1]", '{"queries": [[]], "translation": 3}']
)
def test_what_is_not_as_asked_counts_for_nothing(said: str) -> None:
    found = read_understood(said, question="年假？")
    assert (found.queries, found.translation) == ((), "")


def test_a_translation_into_the_same_language_is_none() -> None:
    found = read_understood('{"queries": ["a b"], "translation": "年假多少天"}', question="年假几天？")
    assert found.translation == ""


def test_a_rewriting_is_bounded() -> None:
    listed = ", ".join(f'"q{number} {"x" * 900}"' for number in range(9))
    found = read_understood(f'{{"queries": [{listed}]}}', question="?")
    assert len(found.queries) == 3 and all(len(query) <= 400 for query in found.queries)
