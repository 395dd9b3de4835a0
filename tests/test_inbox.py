"""The inbox: what comes into it, who sees it, and how it is settled."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.cabinets.models import Document
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.grants import grants_set
from apps.chat.inbox import open_count
from apps.chat.models import Report
from apps.chat.reporting import collect_unanswered
from tests.factories import Api, People
from tests.test_ask_page import cite, make_answer, make_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(people: People):
    """Bob's, from a document in alice's cabinet."""
    made = make_answer(people.bob)
    cite(made, make_document(people.cabinet, "Travel"))
    return made


def dislike(people: People, answer, **said) -> None:
    said = {"rating": "down", "reason": "outdated", "comment": "It is 420 now."} | said
    assert Api(people.bob).post(f"messages/{answer.pk}/feedback", said).status_code == 204


def page(user, query: str = "") -> str:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client.get(f"/inbox/{query}").content.decode()


def test_a_disliked_answer_comes_to_the_managers_without_a_name(people: People, answer):
    dislike(people, answer)
    told = page(people.alice)
    for words in ("What may a hotel cost?", "Out of date", "It is 420 now.", "380 yuan", "Rules"):
        assert words in told
    assert "Bob" not in told
    assert open_count(people.alice) == 1 and '<span class="rail-count">1</span>' in told


def test_who_does_not_manage_the_cabinet_sees_nothing(people: People, answer):
    dislike(people, answer)
    for user in (people.bob, people.charlie):
        assert "What may a hotel cost?" not in page(user) and open_count(user) == 0
        assert Api(user).get("inbox").json()["items"] == []


def test_an_answer_from_documents_that_the_manager_may_not_read_is_not_shown(people: People, answer):
    cite(answer, make_document(cabinet_create(by=people.charlie, name="Elsewhere"), "Secret"), number=2)
    dislike(people, answer)
    told = page(people.alice)
    assert "What may a hotel cost?" in told and "rests on documents that you may not read" in told
    assert "380 yuan" not in told and "Secret" not in told and "Elsewhere" not in told


def test_a_changed_rating_takes_the_report_back_unless_it_was_settled(people: People, answer):
    dislike(people, answer)
    dislike(people, answer, rating="up")
    assert not Report.objects.exists()
    dislike(people, answer)
    report = Report.objects.get()
    assert Api(people.alice).patch(f"inbox/{report.pk}", {"done": True}).json()["done_at"]
    dislike(people, answer, rating="up")
    assert Report.objects.get().done_at and open_count(people.alice) == 0
    assert "done by Alice" in page(people.alice, "?done=1")


def test_questions_without_an_answer_are_collected_once(people: People, settings):
    found = make_answer(people.bob, content="At most 380.")
    cite(found, make_document(people.cabinet, "Travel"))
    make_answer(people.bob, content="Nothing was not found in the documents.", found=True)
    make_answer(people.bob, content="This was not found in the documents.", found=False)
    settings.REPORT_UNANSWERED = False
    assert collect_unanswered() == 0
    settings.REPORT_UNANSWERED = True
    assert (collect_unanswered(), collect_unanswered()) == (1, 0)
    assert "Not answered" in page(people.alice) and open_count(people.alice) == 1


def test_it_goes_to_the_managers_of_what_was_read_else_of_what_was_searched(people: People):
    other = cabinet_create(by=people.charlie, name="Elsewhere")
    grants_set(
        by=people.charlie, cabinet=other, entries=[("user:charlie", "manager"), ("user:bob", "viewer")]
    )
    near = make_answer(people.bob, content="资料中没有找到相关内容。", found=False)
    cite(near, make_document(other, "Near"), cited=False)
    collect_unanswered()
    assert (open_count(people.charlie), open_count(people.alice)) == (1, 0)
    make_answer(people.bob, content="资料中没有找到相关内容。", found=False)
    collect_unanswered()
    assert (open_count(people.charlie), open_count(people.alice)) == (2, 1)


def test_an_answer_becomes_a_document_and_settles_the_question(people: People, answer):
    dislike(people, answer)
    report = Report.objects.get()
    body = {"cabinet_id": str(people.cabinet.pk), "title": "Hotels", "text": "At most 420 yuan since May."}
    made = Api(people.alice).post(f"inbox/{report.pk}/answer", body)
    assert made.status_code == 201 and made.json()["filename"] == "Hotels.md"
    text = Document.objects.get(pk=made.json()["id"]).file_path.read_text()
    assert "What may a hotel cost?" in text and "At most 420 yuan since May." in text
    assert open_count(people.alice) == 0
    golden = {"question": report.question, "documents": [made.json()["filename"]]}
    path = f"cabinets/{people.cabinet.pk}/golden-questions"
    assert Api(people.alice).post(path, golden).status_code == 201


def test_an_empty_answer_is_refused_and_the_question_stays(people: People, answer):
    dislike(people, answer)
    report = Report.objects.get()
    body = {"cabinet_id": str(people.cabinet.pk), "text": "  "}
    assert Api(people.alice).post(f"inbox/{report.pk}/answer", body).status_code == 422
    assert open_count(people.alice) == 1


def test_the_question_stays_when_the_conversation_goes(people: People, answer):
    dislike(people, answer)
    Api(people.bob).delete(f"conversations/{answer.conversation_id}")
    told = page(people.alice)
    assert "What may a hotel cost?" in told and "380 yuan" not in told


def test_the_empty_inbox_says_what_it_is(people: People):
    assert "Nothing waits for you" in page(people.alice)
    assert "You manage none yet" in page(people.charlie)
