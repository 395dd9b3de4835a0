"""The Ask page: what a person sees of their questions, answers and sources, and what nobody else does."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.cabinets.models import Cabinet, Document
from apps.cabinets.services.cabinets import cabinet_create
from apps.chat.models import Conversation, Message, MessageSource
from tests.factories import People

TEXT = "Hotels cost at most 380 yuan a night. More is paid by oneself."
QUOTE = "Hotels cost at most 380 yuan a night."


def signed_in(user, language: str = "en") -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    client.force_login(user)
    return client


def make_document(cabinet: Cabinet, title: str) -> Document:
    folder = cabinet.folders.get(parent=None)
    return Document.objects.create(
        cabinet=cabinet, folder=folder, title=title, filename=f"{title}.txt", media_type="text/plain",
        size=1, sha256=uuid.uuid4().hex * 2, status="ready", active_generation=1,
    )  # fmt: skip


def make_answer(user, **values) -> Message:
    conversation = Conversation.objects.create(user=user, title="Hotel <costs>")
    question = Message.objects.create(
        conversation=conversation, role="user", content="What may a hotel cost?"
    )
    values = {"status": "complete", "content": "At most **380 yuan**[1].", "model": "m-1"} | values
    later = question.created_at + timedelta(milliseconds=1)
    return Message.objects.create(
        conversation=conversation, parent=question, role="assistant", created_at=later, **values
    )


def cite(answer: Message, document: Document, *, number: int = 1, cited: bool = True) -> MessageSource:
    return MessageSource.objects.create(
        message=answer, number=number, document=document, chunk_id=uuid.uuid4(), title=document.title,
        text=TEXT, text_sha256="", page_start=2, page_end=2, quote=QUOTE, cited=cited,
    )  # fmt: skip


def test_who_is_not_signed_in_is_asked_to_sign_in(db):
    for address in ("/", f"/c/{uuid.uuid4()}/", "/conversations/", f"/messages/{uuid.uuid4()}/fragment/"):
        answer = Client().get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/?next=")


@pytest.mark.parametrize(
    ("language", "greeting"),
    [("en", "What would you like to know, Alice?"), ("zh-CN", "Alice，想了解什么？")],
)
def test_the_empty_page_greets_and_offers_the_cabinets_first_questions(people: People, language, greeting):
    people.cabinet.suggestions = {"en": ["How many days of leave?"], "zh": ["年假几天？"]}
    people.cabinet.save()
    page = signed_in(people.alice, language).get("/").content.decode()
    assert greeting in page and 'id="composer"' in page and 'id="thread"' in page
    assert ("How many days of leave?" in page) == (language == "en")
    assert ("年假几天？" in page) == (language != "en")


def test_without_a_cabinet_the_first_step_is_named(people: People):
    page = signed_in(people.charlie).get("/").content.decode()
    assert "There is no cabinet you may read yet" in page and 'href="/cabinets/"' in page
    assert people.cabinet.name not in page


def test_without_a_model_the_page_says_so_and_how_to_connect_one(people: People):
    page = signed_in(people.alice).get("/").content.decode()
    assert "No model" in page and "LLM_BASE_URL" in page


def test_a_conversation_shows_question_answer_marks_and_sources(people: People):
    answer = make_answer(
        people.alice, timings_ms={"total": 4310}, usage={"prompt_tokens": 10, "completion_tokens": 5}
    )
    cite(answer, make_document(people.cabinet, "Travel"))
    page = signed_in(people.alice).get(f"/c/{answer.conversation_id}/").content.decode()
    assert "What may a hotel cost?" in page and "<strong>380 yuan</strong>" in page
    assert f'<a class="cite" href="/messages/{answer.pk}/sources/1/" data-number="1">1</a>' in page
    assert "Travel" in page and "p. 2" in page and people.cabinet.name in page
    assert "4.3 s" in page and "15 tokens" in page and "m-1" in page
    assert "Hotel &lt;costs&gt;" in page and "Hotel <costs>" not in page


def test_conversations_of_others_are_not_there(people: People):
    answer = make_answer(people.alice)
    cite(answer, make_document(people.cabinet, "Travel"))
    for user in (people.bob, people.root):
        client = signed_in(user)
        for address in (
            f"/c/{answer.conversation_id}/",
            f"/messages/{answer.pk}/fragment/",
            f"/messages/{answer.pk}/sources/1/",
        ):
            assert client.get(address).status_code == 404
        assert "Hotel" not in client.get("/").content.decode()


def test_a_source_that_may_no_longer_be_read_is_not_named(people: People):
    answer = make_answer(people.alice)
    secret = make_document(cabinet_create(by=people.charlie, name="Elsewhere"), "Secret title")
    cite(answer, secret)
    client = signed_in(people.alice)
    page = client.get(f"/c/{answer.conversation_id}/").content.decode()
    assert "A document you can no longer open" in page
    panel = client.get(f"/messages/{answer.pk}/sources/1/", headers={"HX-Request": "true"}).content.decode()
    assert "You can no longer open this document" in panel
    for told in (page, panel):
        assert "Secret title" not in told and QUOTE not in told and "Elsewhere" not in told


def test_the_source_panel_marks_the_quoted_sentence(people: People):
    answer = make_answer(people.alice)
    cite(answer, make_document(people.cabinet, "Travel"))
    client = signed_in(people.alice)
    panel = client.get(f"/messages/{answer.pk}/sources/1/", headers={"HX-Request": "true"}).content.decode()
    assert f"<mark>{QUOTE}</mark>" in panel and "More is paid by oneself." in panel
    assert "<html" not in panel
    page = client.get(f"/messages/{answer.pk}/sources/1/").content.decode()
    assert "<html" in page and f"<mark>{QUOTE}</mark>" in page
    assert client.get(f"/messages/{answer.pk}/sources/9/").status_code == 404


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        ("interrupted", "stopped", "You stopped this answer."),
        ("error", "model_timeout", "did not answer in time"),
    ],
)
def test_an_answer_that_is_not_whole_says_what_happened_and_offers_a_retry(
    people: People, status, code, words
):
    answer = make_answer(people.alice, status=status, error_code=code, content="At")
    page = signed_in(people.alice).get(f"/messages/{answer.pk}/fragment/").content.decode()
    assert words in page and 'data-action="regenerate"' in page


def test_checks_are_counted_in_words_and_given_to_the_script(people: People):
    checks = [{"sentence": "At most 380 yuan[1].", "verdict": "unsupported", "numbers": [1]}]
    answer = make_answer(people.alice, checks=checks)
    page = signed_in(people.alice).get(f"/messages/{answer.pk}/fragment/").content.decode()
    assert "1 not found" in page and "supported" not in page.split("<script")[0]
    assert '"verdict": "unsupported"' in page and 'type="application/json"' in page


def test_an_answer_cannot_bring_markup_into_the_page(people: People):
    answer = make_answer(
        people.alice, content="<script>x</script> ![i](http://e.x/i.png) </script>", reasoning="<b>r</b>"
    )
    document = make_document(people.cabinet, "</script><script>t</script>")
    cite(answer, document)
    page = signed_in(people.alice).get(f"/messages/{answer.pk}/fragment/").content.decode()
    assert (
        "<script>x" not in page and "<script>t" not in page and "<img" not in page and "<b>r</b>" not in page
    )


def test_the_history_is_newest_first_and_comes_in_pages(people: People):
    now = timezone.now()
    for index in range(53):
        Conversation.objects.create(
            user=people.alice, title=f"Talk {index:02}", updated_at=now - timedelta(hours=index)
        )
    client = signed_in(people.alice)
    first = client.get("/conversations/").content.decode()
    assert first.index("Talk 00") < first.index("Talk 49") and "Talk 50" not in first
    assert "offset=50" in first
    second = client.get("/conversations/?offset=50").content.decode()
    assert "Talk 52" in second and "offset=" not in second
    assert client.get("/conversations/?offset=-1").status_code == 200


def test_the_page_asks_the_database_a_bounded_number_of_times(people: People, django_assert_max_num_queries):
    answer = make_answer(people.alice)
    for number in range(1, 9):
        cite(answer, make_document(people.cabinet, f"Paper {number}"), number=number)
    client = signed_in(people.alice)
    with django_assert_max_num_queries(30):
        client.get(f"/c/{answer.conversation_id}/")
