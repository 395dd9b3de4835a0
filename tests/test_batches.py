"""A long document is written in batches, and what was parsed is not parsed again."""

from __future__ import annotations

import pytest

from apps.cabinets.models import Document
from apps.cabinets.services import generations, ingestion, kept
from apps.cabinets.services.deletion import document_delete, document_remove
from apps.cabinets.services.ingestion import document_requeue
from apps.cabinets.tasks import sweep
from apps.rag.errors import EmbedError
from apps.rag.parsing.progress import Step
from tests import samples
from tests.factories import ingest, upload
from tests.test_ingestion import LONG, assert_whole, found

pytestmark = pytest.mark.django_db(transaction=True)
Status = Document.Status


def texts(document: Document) -> list[str]:
    return list(document.chunks.order_by("index").values_list("text", flat=True))


def failing_model(monkeypatch) -> None:
    def away(*args, **options):
        raise EmbedError("away", code="embedder_unavailable", retryable=True)

    monkeypatch.setattr(generations.indexing, "encode", away)


def no_parser(monkeypatch) -> None:
    def prepare(*args, **options):
        raise AssertionError("the file is read again")

    monkeypatch.setattr(ingestion.components.parser_pool(), "prepare", prepare)


def due(document: Document, **fields) -> Document:
    Document.objects.filter(pk=document.pk).update(not_before=None, **fields)
    document.refresh_from_db()
    return document


def test_batches_make_the_same_passages_as_one(people, hints, rag, monkeypatch):
    whole = ingest(upload(people.alice, people.root_folder, "rules.md", LONG))
    monkeypatch.setattr(generations.indexing, "BATCH", 5)
    cut = ingest(upload(people.alice, people.root_folder, "again.md", LONG + "\n"))
    assert texts(cut) == texts(whole)
    assert cut.chunk_count > 10
    assert_whole(cut, rag)


def test_a_fault_between_two_batches_leaves_the_old_generation_served(people, hints, rag, monkeypatch):
    document = ingest(upload(people.alice, people.root_folder, "rules.md", LONG))
    before = texts(document)
    monkeypatch.setattr(generations.indexing, "BATCH", 5)
    document_requeue(document, by=people.alice)
    with monkeypatch.context() as patch:
        passed = iter([None, ZeroDivisionError()])

        def fail_second(name):
            if name == "batch" and (fault := next(passed)):
                raise fault

        patch.setattr(generations, "failpoint", fail_second)
        document = ingest(document)
    assert (document.status, document.active_generation) == (Status.QUEUED, 1)
    assert any("Sentence" in text for text in found(people.bob, "Sentence 3 of the rules"))
    document = ingest(due(document))
    assert (document.status, document.error_code) == (Status.READY, "")
    assert texts(document) == before
    assert_whole(document, rag)


def test_a_retry_after_the_model_failed_does_not_read_the_file_again(people, hints, rag, monkeypatch):
    document = upload(people.alice, people.root_folder, "rules.pdf", samples.pdf())
    with monkeypatch.context() as patch:
        failing_model(patch)
        document = ingest(document)
    assert (document.status, document.error_code) == (Status.QUEUED, "embedder_unavailable")
    assert len(list(kept.shelf().iterdir())) == 1
    with monkeypatch.context() as patch:
        no_parser(patch)
        document = ingest(due(document))
    assert (document.status, document.page_count) == (Status.READY, 1)
    assert kept.elements_path(document.pk, document.active_generation).exists()
    assert list(kept.shelf().iterdir()) == [], "nothing is kept of what is served"
    assert_whole(document, rag)


def test_a_failed_document_is_tried_again_by_hand_without_being_read_again(people, hints, rag, monkeypatch):
    document = upload(people.alice, people.root_folder, "rules.md", LONG)
    with monkeypatch.context() as patch:
        failing_model(patch)
        for _attempt in range(3):
            document = due(ingest(document))
    assert document.status == Status.FAILED
    sweep()
    document_requeue(document, by=people.alice)
    no_parser(monkeypatch)
    assert ingest(document).status == Status.READY


def test_other_settings_are_another_result(people, hints, rag, monkeypatch):
    document = upload(people.alice, people.root_folder, "rules.md", LONG)
    with monkeypatch.context() as patch:
        failing_model(patch)
        ingest(document)
    document = ingest(due(document, options={"chunk_units": 100}))
    assert document.status == Status.READY
    assert document.chunk_count > 12


def test_a_kept_result_that_was_damaged_is_made_again(people, hints, rag, monkeypatch):
    document = upload(people.alice, people.root_folder, "rules.md", LONG)
    with monkeypatch.context() as patch:
        failing_model(patch)
        ingest(document)
    folder = next(kept.shelf().iterdir())
    (folder / "result.json").write_text("{")
    document = ingest(due(document))
    assert document.status == Status.READY
    assert_whole(document, rag)


def test_the_sweeper_keeps_what_a_failed_document_may_need_and_removes_the_rest(
    people, hints, rag, monkeypatch
):
    document = upload(people.alice, people.root_folder, "rules.md", LONG)
    with monkeypatch.context() as patch:
        failing_model(patch)
        ingest(document)
    folder = next(kept.shelf().iterdir())
    Document.objects.filter(pk=document.pk).update(status=Status.FAILED)
    assert kept.kept_clear() == 0
    monkeypatch.setattr(kept, "KEPT_SECONDS", -1)
    assert kept.kept_clear() == 1
    assert not folder.exists()


def test_a_deletion_takes_what_was_kept_with_it(people, hints, rag, monkeypatch):
    document = upload(people.alice, people.root_folder, "rules.md", LONG)
    with monkeypatch.context() as patch:
        failing_model(patch)
        ingest(document)
    job = document_delete(document, by=people.alice)
    assert document_remove(document.pk)
    job.refresh_from_db()
    assert job.result["previews_left"] == 0
    assert list(kept.shelf().iterdir()) == []


def test_the_page_it_is_at_is_written_to_the_row(people, hints, rag, monkeypatch):
    prepare = rag.parser_pool().prepare
    document = upload(people.alice, people.root_folder, "rules.pdf", samples.pdf("One.", "Two.", "Three."))
    seen = []

    def slowly(*args, **options):
        options["on_progress"](Step("parse", 2 / 3, 2, 3))
        seen.append(Document.objects.values_list("stage", "pages_done", "pages_total").get(pk=document.pk))
        return prepare(*args, **options)

    monkeypatch.setattr(rag.parser_pool(), "prepare", slowly)
    assert ingest(document).status == Status.READY
    assert seen == [("parse", 2, 3)]
