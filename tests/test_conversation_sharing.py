"""Shared conversations: a colleague reads what rests on documents of theirs, and nothing else."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.models import AuditEvent
from apps.cabinets.models import Document
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.grants import grants_set
from apps.chat.models import Message, Share
from tests.factories import Api, People
from tests.test_ask_page import QUOTE, cite, make_answer, make_document

pytestmark = pytest.mark.django_db


def share(people: People, answer) -> str:
    answer_ = Api(people.alice).post(f"conversations/{answer.conversation_id}/share")
    assert answer_.status_code == 200
    return answer_.json()["url"]


def read(user, url: str, **headers: str):
    client = Client(HTTP_ACCEPT_LANGUAGE="en", headers=headers)
    client.force_login(user)
    return client.get(url)


def ask_again(answer: Message, content: str) -> Message:
    """The next question of the conversation and what it was answered."""
    conversation = answer.conversation
    question = Message.objects.create(conversation=conversation, parent=answer, role="user", content="And?")
    return Message.objects.create(
        conversation=conversation, parent=question, role="assistant", status="complete", content=content
    )


@pytest.fixture
def answer(people: People):
    made = make_answer(people.alice)
    cite(made, make_document(people.cabinet, "Travel"))
    return made


def test_a_colleague_with_the_same_rights_reads_it_all(people: People, answer):
    url = share(people, answer)
    page = read(people.bob, url).content.decode()
    assert "What may a hotel cost?" in page and "<strong>380 yuan</strong>" in page and "Travel" in page
    source = f"{url}messages/{answer.pk}/sources/1/"
    assert source in page and 'id="composer"' not in page
    assert QUOTE in read(people.bob, source, **{"HX-Request": "true"}).content.decode()


def test_who_may_not_read_the_documents_sees_the_question_alone(people: People, answer):
    url = share(people, answer)
    told = read(people.charlie, url).content.decode()
    assert "What may a hotel cost?" in told and "1 answer is not shown" in told
    for secret in ("380 yuan", "Travel", QUOTE, people.cabinet.name):
        assert secret not in told
    assert read(people.charlie, f"{url}messages/{answer.pk}/sources/1/").status_code == 404


def test_a_passage_that_was_read_but_not_cited_counts_too(people: People, answer):
    hidden = cabinet_create(by=people.alice, name="Elsewhere")
    cite(answer, make_document(hidden, "Secret"), number=2, cited=False)
    told = read(people.bob, share(people, answer)).content.decode()
    assert "380 yuan" not in told and "Secret" not in told


def test_after_a_withheld_answer_the_later_ones_are_withheld(people: People, answer):
    hidden = cabinet_create(by=people.alice, name="Elsewhere")
    cite(answer, make_document(hidden, "Secret"), number=2)
    ask_again(answer, "As I said, 380.")
    told = read(people.bob, share(people, answer)).content.decode()
    assert "As I said" not in told and "2 answers are not shown" in told


def test_rights_are_asked_at_every_opening(people: People, answer):
    url = share(people, answer)
    grants_set(by=people.alice, cabinet=people.cabinet, entries=[("user:alice", "manager")])
    assert "380 yuan" not in read(people.bob, url).content.decode()
    assert read(people.bob, f"{url}messages/{answer.pk}/sources/1/").status_code == 404


def test_a_withdrawn_document_takes_the_answer_with_it(people: People, answer):
    url = share(people, answer)
    Document.objects.update(status="deleting", active_generation=None)
    assert "380 yuan" not in read(people.bob, url).content.decode()


def test_a_withdrawn_link_is_not_there_and_a_new_one_is_another(people: People, answer):
    url = share(people, answer)
    path = f"conversations/{answer.conversation_id}/share"
    assert Api(people.alice).get(path).json()["url"] == url
    assert Api(people.alice).delete(path).status_code == 204
    assert read(people.bob, url).status_code == 404
    assert Api(people.alice).get(path).status_code == 204
    assert share(people, answer) != url
    assert read(people.bob, url).status_code == 404


def test_the_link_of_a_person_who_left_is_closed(people: People, answer):
    url = share(people, answer)
    people.alice.is_active = False
    people.alice.save()
    assert read(people.bob, url).status_code == 404


def test_nobody_reads_without_signing_in(people: People, answer):
    assert Client().get(share(people, answer)).status_code == 302


def test_what_came_after_sharing_is_included_only_when_shared_again(people: People, answer):
    url = share(people, answer)
    ask_again(answer, "Something new.")
    assert "Something new." not in read(people.bob, url).content.decode()
    assert share(people, answer) == url
    assert "Something new." in read(people.bob, url).content.decode()


def test_making_opening_and_withdrawing_are_in_the_audit_trail(people: People, answer):
    url = share(people, answer)
    read(people.alice, url)
    read(people.bob, url)
    Api(people.alice).delete(f"conversations/{answer.conversation_id}/share")
    actions = AuditEvent.objects.filter(action__startswith="share.").order_by("id")
    assert list(actions.values_list("action", "actor_name")) == [
        ("share.create", "alice"), ("share.open", "bob"), ("share.revoke", "alice"),
    ]  # fmt: skip


def test_an_empty_conversation_is_not_shared(people: People):
    alice = Api(people.alice)
    key = alice.post("conversations", {}).json()["id"]
    assert alice.post(f"conversations/{key}/share").status_code == 409
    assert not Share.objects.exists()
