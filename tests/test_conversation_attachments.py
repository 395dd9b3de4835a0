"""Attachments: searched in their conversation alone, nobody else's, in no list, and gone with it."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.cabinets import access
from apps.cabinets.doctor.rights import rights
from apps.cabinets.models import Cabinet, Document
from apps.cabinets.services.deletion import document_remove
from apps.chat.attaching import attachment_add, conversation_delete, orphans
from apps.chat.doctor import attachments_belong
from apps.chat.models import Conversation
from apps.core.models import Job
from tests.chatting import Asker, add_document, index_chunks, passages_of
from tests.factories import Api, People

TEXT = "The limit of the offer is 777 yuan."


def attach(conversation: Conversation, user, text: str = TEXT) -> Document:
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("offer.txt", text.encode())
    document = attachment_add(conversation, user=user, upload=file)
    index_chunks(document, passages_of(document, text))
    return document


@pytest.fixture
def talk(people: People, rag, hints) -> Conversation:
    add_document(people.alice, people.root_folder, "travel.txt", "The limit of travel is 400 yuan.")
    return Conversation.objects.create(user=people.alice, title="Offer")


@pytest.mark.django_db
def test_a_file_is_attached_listed_and_removed_by_rest(people: People, hints):
    alice = Api(people.alice)
    key = alice.post("conversations", {}).json()["id"]
    made = alice.upload(("offer.txt", TEXT), to=f"conversations/{key}/attachments")
    assert made.status_code == 202 and made.json()["status"] == "queued"
    path = f"conversations/{key}/attachments"
    assert [row["filename"] for row in alice.get(path).json()["items"]] == ["offer.txt"]
    assert alice.delete(f"{path}/{made.json()['id']}").json()["job"]["kind"] == "delete_document"
    assert alice.get(path).json()["items"] == []
    assert alice.upload(("x.exe", b"MZ"), to=path).status_code == 415


@pytest.mark.django_db(transaction=True)
def test_it_is_searched_in_its_conversation_and_nowhere_else(live, people: People, talk, model):
    attach(talk, people.alice)
    alice = Asker(live, people.alice)

    def titles(conversation: str, **body) -> set[str]:
        events = dict(alice.ask("What is the limit?", conversation=conversation, **body))
        return {item["title"] for item in events["sources"]["items"]}

    assert titles(str(talk.pk)) == {"offer", "travel"}
    assert titles(alice.conversation()) == {"travel"}
    narrow = {"document_ids": [str(Document.objects.get(title="travel").pk)]}
    assert titles(str(talk.pk), scope=narrow) == {"offer", "travel"}
    offer = str(Document.objects.get(title="offer").pk)
    assert titles(alice.conversation(), document_ids=[offer]) == set()
    found = alice.http.post("/api/v1/search", json={"query": "What is the limit?"}).json()["passages"]
    assert {passage["title"] for passage in found} == {"travel"}


@pytest.mark.django_db
def test_nobody_else_reads_it_administrators_included(people: People, talk):
    document = attach(talk, people.alice)
    assert access.visible_documents(people.alice).filter(pk=document.pk).exists()
    for other in (people.bob, people.charlie, people.root):
        assert not access.visible_documents(other).filter(pk=document.pk).exists()
        api = Api(other)
        for part in ("", "/file", "/content", "/chunks"):
            assert api.get(f"documents/{document.pk}{part}").status_code == 404
        assert api.get(f"conversations/{talk.pk}/attachments").status_code == 404
    assert Api(people.alice).get(f"documents/{document.pk}").status_code == 200


@pytest.mark.django_db
def test_it_stands_in_no_list(people: People, talk):
    document = attach(talk, people.alice)
    cabinet = document.cabinet
    for user in (people.alice, people.root):
        api = Api(user, "documents:read", "chat", "search", *(["admin"] if user.is_superuser else []))
        assert cabinet.name not in api.get("cabinets").content.decode()
        assert api.get(f"cabinets/{cabinet.pk}").status_code == 404
        assert [row["title"] for row in api.get("documents").json()["items"]] == ["travel"]
        assert api.get("places", {"q": "offer"}).json()["documents"] == []
        assert cabinet.slug not in api.get("/v1/models").content.decode()
        client = Client()
        client.force_login(user)
        for page in ("/", "/cabinets/", "/search/?q=offer"):
            assert cabinet.name not in client.get(page).content.decode()
    Document.objects.filter(pk=document.pk).update(status="failed")
    assert "offer" not in Api(people.root, "admin").get("queue").content.decode()


@pytest.mark.django_db(transaction=True)
def test_deleting_the_conversation_clears_it_away_with_a_receipt(people: People, talk):
    document = attach(talk, people.alice)
    path = document.file_path
    (job,) = conversation_delete(talk, by=people.alice)
    assert not access.visible_documents(people.alice).filter(pk=document.pk).exists()
    assert document_remove(document.pk)
    receipt = Job.objects.get(pk=job.pk).result
    assert (receipt["vectors_left"], receipt["files_left"], receipt["previews_left"]) == (0, 0, 0)
    assert not path.exists() and not Document.objects.filter(pk=document.pk).exists()


@pytest.mark.django_db
def test_deleting_by_rest_takes_the_attachments_too(people: People, talk):
    document = attach(talk, people.alice)
    assert Api(people.alice).delete(f"conversations/{talk.pk}").status_code == 204
    document.refresh_from_db()
    assert document.status == "deleting" and Cabinet.objects.get(pk=document.cabinet_id).deleted_at


@pytest.mark.django_db
def test_the_doctor_finds_and_mends_what_belongs_to_no_conversation(people: People, talk):
    document = attach(talk, people.alice)
    assert list(attachments_belong(repair=False)) == [] and list(rights(repair=False)) == []
    Conversation.objects.filter(pk=talk.pk).delete()  # past the services, as a cascade would
    assert not orphans().exists()  # it was made just now
    Cabinet.objects.filter(pk=document.cabinet_id).update(created_at="2020-01-01T00:00:00Z")
    assert len(list(attachments_belong(repair=False))) == 1
    assert [finding.mended for finding in attachments_belong(repair=True)] == ["cleared away"]
    document.refresh_from_db()
    assert document.status == "deleting" and list(attachments_belong(repair=False)) == []


@pytest.mark.django_db
def test_one_conversation_holds_a_bounded_number(people: People, talk, monkeypatch):
    monkeypatch.setattr("apps.chat.attaching.MOST", 1)
    attach(talk, people.alice)
    alice = Api(people.alice)
    assert alice.upload(("b.txt", "b"), to=f"conversations/{talk.pk}/attachments").status_code == 409
