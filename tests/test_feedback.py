"""What a reader thinks of an answer: rating, reason and comment; and a golden question made of a good one."""

from __future__ import annotations

import json
import re

import pytest

from apps.cabinets.models import Grant
from apps.chat.models import Message
from apps.quality.models import GoldenQuestion
from tests.factories import Api
from tests.test_ask_page import cite, make_answer, make_document, signed_in

pytestmark = pytest.mark.django_db


def rate(people, answer: Message, **body) -> Message:
    sent = Api(people.alice).post(f"messages/{answer.pk}/feedback", body)
    assert sent.status_code == 204, sent.content
    answer.refresh_from_db()
    return answer


def test_a_reason_is_kept_with_a_bad_rating_alone(people):
    answer = make_answer(people.alice)
    rate(people, answer, rating="down", reason="outdated", comment=" Since May it is 400. ")
    assert (answer.rating, answer.reason, answer.comment) == ("down", "outdated", "Since May it is 400.")
    rate(people, answer, rating="up", reason="outdated")
    assert (answer.rating, answer.reason, answer.comment) == ("up", "", "")
    rate(people, answer, rating="", comment="x")
    assert (answer.rating, answer.comment) == ("", "")


@pytest.mark.parametrize(
    ("body", "field"), [({"rating": "down", "reason": "bad mood"}, "reason"), ({"rating": "meh"}, "rating")]
)
def test_other_words_are_refused(people, body, field):
    answer = make_answer(people.alice)
    sent = Api(people.alice).post(f"messages/{answer.pk}/feedback", body)
    assert sent.status_code == 422 and sent.json()["errors"][0]["field"] == field


def test_the_page_offers_the_reasons_and_shows_the_chosen_one(people):
    answer = rate(people, make_answer(people.alice), rating="down", reason="sources")
    page = signed_in(people.alice).get(f"/c/{answer.conversation_id}/").content.decode()
    assert re.search(r'value="sources" checked', page) and page.count('name="reason"') == 5


def golden_of(user, answer: Message) -> dict | None:
    fragment = signed_in(user).get(f"/messages/{answer.pk}/fragment/").content.decode()
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', fragment, re.DOTALL)[1])
    assert ('data-action="golden"' in fragment) is (data["golden"] is not None)
    return data["golden"]


def test_managers_keep_a_good_answer_as_a_golden_question(people):
    document = make_document(people.cabinet, "Travel")
    answer = make_answer(people.alice)
    cite(answer, document)
    golden = golden_of(people.alice, answer)
    assert golden["question"] == "What may a hotel cost?" and "[1]" not in golden["answer"]
    cabinet = golden.pop("cabinet_id")
    sent = Api(people.alice).post(f"cabinets/{cabinet}/golden-questions", {**golden, "origin": "answer"})
    assert sent.status_code == 201, sent.content
    kept = GoldenQuestion.objects.get()
    assert (kept.origin, [target.document_id for target in kept.targets.all()]) == ("answer", [document.pk])


def test_readers_are_not_offered_it(people):
    document = make_document(people.cabinet, "Travel")
    answer = make_answer(people.bob)
    cite(answer, document)
    assert golden_of(people.bob, answer) is None
    Grant.objects.create(cabinet=people.cabinet, folder=None, user=people.bob, role="manager")
    assert golden_of(people.bob, answer)["document_ids"] == [str(document.pk)]


def test_an_answer_that_cites_nothing_is_no_golden_question(people):
    answer = make_answer(people.alice)
    cite(answer, make_document(people.cabinet, "Travel"), cited=False)
    assert golden_of(people.alice, answer) is None
