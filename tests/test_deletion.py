"""Deleting: gone from sight at once, then from the store and the disk, with a receipt that was counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.cabinets.models import Chunk, Document, DocumentVersion
from apps.cabinets.searching import search
from apps.cabinets.services import deletion, generations
from apps.cabinets.services.cabinets import cabinet_delete
from apps.cabinets.services.deletion import document_delete, document_remove
from apps.cabinets.services.folders import folder_create
from apps.cabinets.services.ingestion import document_ingest
from apps.cabinets.services.leases import lease_take
from apps.cabinets.services.leftovers import parsed_folder
from apps.cabinets.services.uploads import document_add_version
from apps.cabinets.tasks import sweep
from apps.core.models import Job
from apps.rag.errors import StoreError
from apps.rag.retrieval import RetrievalOptions
from tests.factories import Api, ingest, upload

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "# Rules\n\nTravel above 3,000 yuan needs a signature."
NOTHING_LEFT = {"vectors_left": 0, "files_left": 0, "previews_left": 0}


@pytest.fixture
def document(people, hints, rag) -> Document:
    return ingest(upload(people.alice, people.root_folder, "rules.md", TEXT))


def passages(user) -> tuple:
    return search(user, "signature", options=RetrievalOptions()).passages


def receipt(result: dict) -> dict:
    return {name: result[name] for name in NOTHING_LEFT}


def test_it_is_invisible_at_once_though_its_points_are_still_there(people, document, rag):
    assert passages(people.bob)
    document_delete(document, by=people.alice)
    assert rag.store().count(document.pk) > 0
    assert passages(people.bob) == passages(people.root) == ()
    bob = Api(people.bob)
    for path in ("", "/file", "/chunks", "/content"):
        assert bob.get(f"documents/{document.pk}{path}").status_code == 404
    assert bob.get("documents").json()["items"] == []


def test_the_receipt_is_counted_and_answered_by_the_job(people, document, rag, hints):
    alice, preview = Api(people.alice), parsed_folder(document.pk)
    hints.clear()
    answer = alice.delete(f"documents/{document.pk}")
    job = answer.json()["job"]
    assert (answer.status_code, job["state"]) == (202, "queued")
    assert answer["Location"] == f"/api/v1/jobs/{job['id']}"
    assert hints == [("remove", str(document.pk))]
    assert preview.exists()
    assert document_remove(document.pk) is True
    done = alice.get(answer["Location"]).json()["job"]
    assert (done["state"], done["progress"], done["error"]) == ("succeeded", 1, None)
    assert done["result_url"] == answer["Location"]
    assert receipt(done["result"]) == NOTHING_LEFT
    assert done["result"]["verified_at"]
    assert rag.store().count(document.pk) == 0
    assert not document.file_path.exists()
    assert not preview.exists()
    assert not Document.objects.filter(pk=document.pk).exists()
    assert not Chunk.objects.filter(document_id=document.pk).exists()
    assert Api(people.bob).get(answer["Location"]).status_code == 404


def test_bytes_that_another_document_holds_are_kept(people, document, rag):
    folder = folder_create(by=people.alice, parent=people.root_folder, name="Copy")
    copy = ingest(upload(people.alice, folder, "copy.md", TEXT))
    assert copy.sha256 == document.sha256
    job = document_delete(document, by=people.alice)
    document_remove(document.pk)
    job.refresh_from_db()
    assert job.result["kept_for_other_documents"] == 1
    assert receipt(job.result) == NOTHING_LEFT
    assert copy.file_path.exists()
    assert [found.chunk.document_id for found in passages(people.bob)] == [copy.pk]
    document_delete(copy, by=people.alice)
    document_remove(copy.pk)
    assert not copy.file_path.exists()


def test_the_bytes_of_all_versions_go(people, document, rag):
    first = document.file_path
    newer = SimpleUploadedFile("rules.md", b"# Rules\n\nNew text.")
    document = ingest(document_add_version(document, by=people.alice, upload=newer))
    second = document.file_path
    assert first != second
    assert first.exists()
    document_delete(document, by=people.alice)
    document_remove(document.pk)
    assert not first.exists()
    assert not second.exists()
    assert not DocumentVersion.objects.filter(document_id=document.pk).exists()


def test_a_deletion_waits_for_a_worker_that_is_still_writing(people, hints, rag, monkeypatch):
    document = upload(people.alice, people.root_folder, "rules.md", TEXT)
    write = generations.indexing.add
    tried = []

    def delete_in_the_middle(*args, **options):
        write(*args, **options)  # the points are there, the flip is not
        document_delete(Document.objects.get(pk=document.pk), by=people.alice)
        tried.append(document_remove(document.pk))

    monkeypatch.setattr(generations.indexing, "add", delete_in_the_middle)
    hints.clear()
    assert document_ingest(document.pk) is False
    assert tried == [False]
    assert hints == [("remove", str(document.pk))] * 2, "asked for, and told when the worker let go"
    assert document_remove(document.pk) is True
    assert rag.store().count(document.pk) == 0
    assert receipt(Job.objects.get().result) == NOTHING_LEFT


def test_a_deletion_goes_on_once_the_lease_of_a_dead_worker_ran_out(people, hints, rag):
    document = upload(people.alice, people.root_folder, "rules.md", TEXT)
    lease_take(document.pk)
    document_delete(Document.objects.get(pk=document.pk), by=people.alice)
    assert document_remove(document.pk) is False
    Document.objects.filter(pk=document.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert document_remove(document.pk) is True


@pytest.mark.parametrize("cut", ["file_discard_if_unused", "_write_receipt"])
def test_the_sweeper_finishes_a_deletion_that_was_cut_off(people, document, rag, hints, monkeypatch, cut):
    job = document_delete(document, by=people.alice)

    def killed(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(deletion, cut, killed)
        with pytest.raises(KeyboardInterrupt):
            document_remove(document.pk)
    hints.clear()
    sweep()
    assert hints == [("remove", str(document.pk))]
    assert document_remove(document.pk) is True
    job.refresh_from_db()
    assert (job.state, receipt(job.result)) == ("succeeded", NOTHING_LEFT)
    assert not document.file_path.exists()
    hints.clear()
    sweep()
    assert hints == []


def test_while_the_store_is_down_the_tombstone_stays(people, document, rag, monkeypatch):
    job = document_delete(document, by=people.alice)

    def down(*args, **options):
        raise StoreError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(rag.store(), "delete", down)
        with pytest.raises(StoreError):
            document_remove(document.pk)
    assert document.file_path.exists()
    assert Document.objects.get(pk=document.pk).status == Document.Status.DELETING
    assert document_remove(document.pk) is True
    job.refresh_from_db()
    assert job.state == "succeeded"


def test_deleting_a_cabinet_clears_all_of_its_documents(people, document, rag, hints):
    hints.clear()
    cabinet_delete(people.cabinet, by=people.alice)
    assert hints == [("remove", str(document.pk))]
    assert document_remove(document.pk) is True
    assert rag.store().count() == 0
    assert not document.file_path.exists()


def test_the_same_bytes_can_come_back_while_the_old_document_is_cleared_away(people, document, rag):
    document_delete(document, by=people.alice)
    again = upload(people.alice, people.root_folder, "rules.md", TEXT)
    assert again.pk != document.pk
    document_remove(document.pk)
    assert again.file_path.exists()
    again = ingest(again)
    assert [found.chunk.document_id for found in passages(people.bob)] == [again.pk]


def test_removing_what_is_not_deleted_does_nothing(people, document, rag):
    assert document_remove(document.pk) is False
    assert Document.objects.filter(pk=document.pk).exists()
    assert rag.store().count(document.pk) > 0
