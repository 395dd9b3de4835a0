"""Questions to go on with: from headings without a model, from the model where there is one, never in the way."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import pytest

from apps.cabinets.services.cabinets import cabinet_create
from apps.chat.followups import questions_in
from apps.chat.models import Message, MessageSource
from tests.chatting import Asker
from tests.factories import People
from tests.test_ask_page import make_answer, make_document

HEADINGS = ["第二章 住宿", "第三章 交通补助", "第四章 审批"]
PLAIN = ["第一章 总则", "四、能带家属吗？", "附则"]


def with_headings(people: People, answer: Message, last: Sequence[str] = tuple(HEADINGS)) -> None:
    document = make_document(people.cabinet, "Travel")
    for number, heading in enumerate(last, start=1):
        MessageSource.objects.create(
            message=answer, number=number, document=document, chunk_id=uuid.uuid4(), title="Travel", text="t",
            headings=["总则", heading], cited=number == 1,
        )  # fmt: skip


def asked(live: str, user, answer: Message) -> list[str]:
    got = Asker(live, user).http.post(f"/api/v1/messages/{answer.pk}/followups")
    assert got.status_code == 200
    return got.json()["items"]


@pytest.mark.django_db(transaction=True)
def test_headings_that_are_not_told_yet_come_first(live, people: People):
    answer = make_answer(people.alice, model="")
    with_headings(people, answer)
    found = asked(live, people.alice, answer)
    assert [words.split("“")[1].split("”")[0] for words in found] == ["交通补助", "审批", "住宿"]
    MessageSource.objects.all().delete()
    assert asked(live, people.alice, answer) == found  # kept


@pytest.mark.django_db(transaction=True)
def test_a_heading_that_asks_is_the_question_and_one_that_promises_nothing_is_none(live, people: People):
    answer = make_answer(people.alice, model="")
    with_headings(people, answer, PLAIN)
    assert asked(live, people.alice, answer) == ["能带家属吗？"]


@pytest.mark.django_db(transaction=True)
def test_nothing_of_what_may_not_be_read_is_offered(live, people: People):
    answer = make_answer(people.alice, model="")
    secret = make_document(cabinet_create(by=people.charlie, name="Elsewhere"), "Secret")
    MessageSource.objects.create(
        message=answer,
        number=1,
        document=secret,
        chunk_id=uuid.uuid4(),
        title="S",
        text="t",
        headings=["Bonuses"],
    )
    assert asked(live, people.alice, answer) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["ok", "refuse-500", "html"])
def test_a_model_that_does_not_do_as_told_leaves_the_headings(live, people: People, model, name):
    answer = make_answer(people.alice, model=name)
    with_headings(people, answer)
    assert len(asked(live, people.alice, answer)) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", ["error", "streaming"])
def test_an_answer_that_is_not_whole_has_none(live, people: People, status):
    answer = make_answer(people.alice, status=status, model="")
    with_headings(people, answer)
    assert asked(live, people.alice, answer) == []


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (
            "1. 住宿标准是多少？\n2、补助怎么算？\n- 谁来审批？\n4. 还有吗？",
            ["住宿标准是多少？", "补助怎么算？", "谁来审批？"],
        ),
        ("Sure! Here they are:\n“Who approves it?”\nWho approves it?", ["Who approves it?"]),
        ("At most 380 yuan.", []),
        (f"{'x' * 200}?", []),
        ("", []),
    ],
)
def test_only_lines_that_are_questions_are_taken(text, questions):
    assert questions_in(text) == questions
