"""Attachments of a mail are documents below it: found by themselves, replaced and deleted with it, and never apart."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.cabinets.models import Document, DocumentVersion
from apps.cabinets.services.deletion import document_remove
from apps.cabinets.services.folders import folder_create
from apps.cabinets.services.uploads import document_add_version
from apps.cabinets.tasks import sweep
from apps.core.models import Job
from tests.factories import Api, ingest, upload
from tests.test_cabinet_pages import page_of

pytestmark = pytest.mark.django_db(transaction=True)
RULES, PLAN = "Guests sleep in the annex.", "The bus leaves at seven."


def mail(*files: tuple[str, bytes], body: str = "See the files.", inner: bytes = b"") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "hr@example.com", "all@example.com", "Outing"
    message.set_content(body)
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    if inner:
        message.add_attachment(
            inner, maintype="application", subtype="octet-stream", filename="forwarded.eml"
        )
    return message.as_bytes()


def files(*texts: str) -> list[tuple[str, bytes]]:
    return [(f"file{number}.txt", text.encode()) for number, text in enumerate(texts)]


@pytest.fixture
def outing(people, hints, rag) -> Document:
    return read(upload(people.alice, people.root_folder, "outing.eml", mail(*files(RULES, PLAN))))


def read(document: Document) -> Document:
    ingest(document)
    for child in document.attachments.exclude(status="deleting"):
        if child.status == "queued":
            read(child)
    document.refresh_from_db()
    return document


def attached(document: Document) -> list[str]:
    return sorted(document.attachments.exclude(status="deleting").values_list("filename", flat=True))


def titles(user, query: str) -> list[str]:
    found = Api(user).post("search", {"query": query, "mode": "sparse"}).json()["passages"]
    return [passage["title"] for passage in found]


def test_each_attachment_is_a_document_of_its_own(people, outing):
    assert attached(outing) == ["file0.txt", "file1.txt"]
    assert titles(people.bob, "annex") == ["file0"], "its words are not those of the mail as well"
    child = outing.attachments.get(filename="file0.txt")
    assert (child.status, child.folder_id, child.created_by) == ("ready", outing.folder_id, people.alice)
    listed = Api(people.bob).get("documents", {"parent_id": str(outing.pk)}).json()["items"]
    assert {item["parent_id"] for item in listed} == {str(outing.pk)} and len(listed) == 2
    assert titles(people.charlie, "annex") == []


def test_reading_the_mail_again_makes_nothing_twice(people, outing):
    before = set(outing.attachments.values_list("pk", flat=True))
    Api(people.alice).post(f"documents/{outing.pk}/reindex")
    read(outing)
    assert set(outing.attachments.values_list("pk", flat=True)) == before


def test_a_new_version_replaces_what_changed_and_keeps_what_did_not(people, outing):
    kept = outing.attachments.get(filename="file0.txt")
    changed = mail(*files(RULES, "The bus leaves at eight."), body="Changed.")
    document_add_version(outing, by=people.alice, upload=SimpleUploadedFile("outing.eml", changed))
    read(outing)
    assert attached(outing) == ["file0.txt", "file1.txt"]
    assert outing.attachments.filter(pk=kept.pk, status="ready").exists()
    assert outing.attachments.filter(status="deleting").count() == 1


def test_what_cannot_be_read_is_a_plain_note_on_the_mail(people, hints, rag):
    data = mail(*files(RULES), ("virus.exe", b"MZ\x90\x00"), ("empty.txt", b""))
    document = read(upload(people.alice, people.root_folder, "outing.eml", data))
    assert document.status == "ready" and attached(document) == ["file0.txt"]
    assert "virus.exe" in document.warnings[0] and "empty.txt" in document.warnings[1]


def test_an_attached_mail_has_attachments_and_the_next_is_read_as_a_whole(people, hints, rag):
    deepest = mail(("deep.txt", b"Umbrellas are provided."))
    data = mail(inner=mail(*files(PLAN), inner=deepest))
    top = read(upload(people.alice, people.root_folder, "outing.eml", data))
    middle = top.attachments.get()
    assert attached(middle) == ["file0.txt", "forwarded.eml"]
    last = middle.attachments.get(filename="forwarded.eml")
    assert last.attachments.count() == 0
    assert titles(people.bob, "umbrellas") == ["forwarded"]


def test_deleting_the_mail_deletes_its_attachments_with_receipts(people, outing, rag):
    keys = [outing.pk, *outing.attachments.values_list("pk", flat=True)]
    job = Api(people.alice).delete(f"documents/{outing.pk}").json()["job"]
    assert titles(people.bob, "annex") == []
    assert not document_remove(outing.pk), "the mail waits for what is attached to it"
    for key in keys[1:]:
        assert document_remove(key)
    assert document_remove(outing.pk)
    assert not Document.objects.exists() and not DocumentVersion.objects.exists()
    assert [rag.store().count(key) for key in keys] == [0, 0, 0]
    receipt = Job.objects.get(pk=job["id"]).result
    told = [(one["title"], one["vectors_left"], one["files_left"]) for one in receipt["attachments"]]
    assert sorted(told) == [("file0", 0, 0), ("file1", 0, 0)]


def test_the_sweeper_finishes_a_deletion_that_was_cut_off(people, outing, hints):
    Api(people.alice).delete(f"documents/{outing.pk}")
    for _round in range(2):
        hints.clear()
        sweep()
        for task, key in list(hints):
            if task == "remove":
                document_remove(key)
    assert not Document.objects.exists()


def test_the_attachments_move_with_the_mail(people, outing):
    folder = folder_create(by=people.alice, parent=people.root_folder, name="Trips")
    Api(people.alice).patch(f"documents/{outing.pk}", {"folder_id": str(folder.pk)})
    assert set(outing.attachments.values_list("folder_id", flat=True)) == {folder.pk}


def test_an_attachment_does_not_go_its_own_way(people, outing):
    alice, child = Api(people.alice), outing.attachments.first()
    folder = folder_create(by=people.alice, parent=people.root_folder, name="Trips")
    answers = [
        alice.delete(f"documents/{child.pk}"),
        alice.patch(f"documents/{child.pk}", {"folder_id": str(folder.pk)}),
        alice.upload(("file0.txt", "other"), to=f"documents/{child.pk}/versions"),
    ]
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert "stays with its mail" in answers[0].json()["detail"]


def test_the_pages_show_them_under_their_mail(people, outing):
    browser = page_of(people.bob)
    rows = browser.get(f"/cabinets/{people.cabinet.pk}/").content.decode()
    assert rows.index("outing") < rows.index("file0.txt") < rows.index("file1.txt")
    child = outing.attachments.get(filename="file0.txt")
    assert f"/documents/{child.pk}/" in browser.get(f"/documents/{outing.pk}/").content.decode()
    assert f"/documents/{outing.pk}/" in browser.get(f"/documents/{child.pk}/").content.decode()
