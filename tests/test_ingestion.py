"""The whole way of a document: bytes, parser child, chunks, vectors in the real store, served generation."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as conf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation

from apps.cabinets.messages import SENTENCES, sentence
from apps.cabinets.models import Document
from apps.cabinets.searching import search
from apps.cabinets.services import generations, ingestion
from apps.cabinets.services.documents import chunk_update, document_move
from apps.cabinets.services.folders import folder_create
from apps.cabinets.services.ingestion import document_requeue
from apps.cabinets.services.kept import elements_path
from apps.cabinets.services.uploads import document_add_version
from apps.cabinets.tasks import move
from apps.rag.errors import StoreError
from apps.rag.retrieval import RetrievalOptions
from tests import samples
from tests.factories import ingest, upload

pytestmark = pytest.mark.django_db(transaction=True)
Status = Document.Status
LONG = "\n\n".join(f"## Part {number}\n\n" + f"Sentence {number} of the rules. " * 40 for number in range(12))


def found(user, query: str) -> list[str]:
    return [passage.chunk.text for passage in search(user, query, options=RetrievalOptions(limit=5)).passages]


def assert_whole(document: Document, rag) -> None:
    """Rows and points of the served generation are the same ids, and there are no others."""
    rows = {(chunk.pk, chunk.generation) for chunk in document.chunks.all()}
    assert rows == rag.store().point_ids(document.pk)
    assert {generation for _key, generation in rows} == {document.active_generation}
    assert document.chunk_count == len(rows) > 0


@pytest.mark.parametrize(
    ("name", "content", "query", "language", "pages"),
    [
        ("rules.md", f"# Travel\n\n{samples.WORDS}", "signature", "en", None),
        ("rules.docx", samples.docx, "head of department", "en", None),
        ("rules.pdf", samples.pdf, "3,000 yuan", "en", 1),
        ("limits.csv", samples.csv, "Shanghai", None, None),
        ("办法.txt", samples.gb18030, "差旅费报销", "zh", None),
    ],
)
def test_a_file_becomes_served_passages(people, hints, rag, name, content, query, language, pages):
    data = content() if callable(content) else content
    document = upload(people.alice, people.root_folder, name, data)
    assert (document.status, hints) == (Status.QUEUED, [("ingest", str(document.pk))])
    document = ingest(document)
    assert (document.status, document.error_code, document.stage, document.progress) == (
        Status.READY,
        "",
        "",
        1,
    )
    assert (document.generation, document.active_generation, document.attempt) == (1, 1, 0)
    assert document.page_count == pages
    assert document.ready_at is not None
    assert document.lease_token is None
    assert set(document.timings_ms) == {"parse", "chunk", "embed", "index", "total"}
    if language:
        assert document.language == language
    assert elements_path(document.pk, 1).exists()
    assert_whole(document, rag)
    assert any(query in text for text in found(people.bob, query))
    assert not list(Path(conf.SCRATCH_DIR).iterdir()), "scratch is thrown away"


def test_the_stages_come_in_order_and_the_share_done_only_grows(people, hints, rag, monkeypatch):
    seen: list[tuple[str, float]] = []
    update = ingestion.Lease.update

    def watched(lease, **fields):
        if "stage" in fields and fields.get("stage"):
            seen.append((fields["stage"], fields["progress"]))
        update(lease, **fields)

    monkeypatch.setattr(ingestion.Lease, "update", watched)
    ingest(upload(people.alice, people.root_folder, "long.md", LONG))
    stages = [stage for stage, _share in seen]
    assert sorted(stages, key=["parse", "chunk", "embed", "index"].index) == stages
    assert {"embed", "index"} <= set(stages)
    shares = [share for _stage, share in seen]
    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_a_reindex_makes_a_new_generation_while_the_old_one_is_served(people, hints, rag, monkeypatch):
    document = ingest(upload(people.alice, people.root_folder, "rules.md", LONG))
    old = set(document.chunks.values_list("pk", flat=True))
    document_requeue(document, by=people.alice)
    assert (document.status, document.generation, document.active_generation) == (Status.QUEUED, 2, 1)
    write = generations.indexing.add

    def look_then_write(*args, **options):
        assert any("Sentence" in text for text in found(people.bob, "Sentence of the rules"))
        write(*args, **options)
        served = search(people.bob, "Sentence 3 of the rules", options=RetrievalOptions()).passages
        assert {passage.chunk.generation for passage in served} == {1}

    monkeypatch.setattr(generations.indexing, "add", look_then_write)
    document = ingest(document)
    assert (document.status, document.active_generation) == (Status.READY, 2)
    assert not old & set(document.chunks.values_list("pk", flat=True))
    assert_whole(document, rag)
    assert not elements_path(document.pk, 1).exists()
    assert elements_path(document.pk, 2).exists()


def test_a_crash_between_writing_and_the_flip_leaves_the_old_generation_served(
    people, hints, rag, monkeypatch
):
    document = ingest(upload(people.alice, people.root_folder, "rules.md", LONG))
    document_requeue(document, by=people.alice)

    class Killed(BaseException):
        """As a kill: no handler of the worker sees it."""

    def die(*args, **options):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(ingestion, "generation_activate", die)
        with pytest.raises(Killed):
            ingest(document)
    document.refresh_from_db()
    assert (document.status, document.active_generation) == (Status.PROCESSING, 1)
    assert {generation for _key, generation in rag.store().point_ids(document.pk)} == {1, 2}
    served = search(people.bob, "Sentence 3 of the rules", options=RetrievalOptions()).passages
    assert served
    assert {passage.chunk.generation for passage in served} == {1}
    Document.objects.filter(pk=document.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    document = ingest(document)
    assert (document.status, document.active_generation) == (Status.READY, 3), "each attempt its own"
    assert_whole(document, rag)


def test_points_that_a_cut_off_attempt_left_do_not_stay(people, hints, rag, monkeypatch):
    """The attempt before had cut the same file into more passages."""
    document = upload(people.alice, people.root_folder, "rules.md", LONG)
    write = generations.indexing.add

    def write_more_then_fail(points, **options):
        write(points, **options)
        raise StoreError("gone", code="store_unavailable", retryable=True)

    with monkeypatch.context() as patch:
        patch.setattr(generations.indexing, "add", write_more_then_fail)
        ingest(document)
    assert rag.store().count(document.pk) > 1
    assert document.chunks.count() > 1
    Document.objects.filter(pk=document.pk).update(not_before=None, options={"chunk_units": 2000})
    document = ingest(document)
    assert (document.status, document.error_code) == (Status.READY, "")
    assert_whole(document, rag)


def test_a_store_that_is_down_is_asked_again_and_then_the_reason_is_said(people, hints, rag, monkeypatch):
    document = upload(people.alice, people.root_folder, "rules.md", "# Rules\n\nText of the rules.")

    def down(points):
        raise StoreError("connection refused")

    monkeypatch.setattr(rag.store(), "upsert", down)
    for attempt in (1, 2):
        document = ingest(document)
        assert (document.status, document.attempt) == (Status.QUEUED, attempt)
        assert document.not_before > timezone.now()
        Document.objects.filter(pk=document.pk).update(not_before=None)
    document = ingest(document)
    assert (document.status, document.error_code, document.error_retryable) == (
        Status.FAILED,
        "store_unavailable",
        True,
    )
    assert "vector store" in sentence(document.error_code)
    assert found(people.bob, "rules") == []


def test_our_own_fault_ends_in_a_status_too(people, hints, rag, monkeypatch):
    document = upload(people.alice, people.root_folder, "rules.md", "# Rules\n\nText.")

    def fault(*args, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(generations.indexing, "encode", fault)
    for _attempt in range(3):
        document = ingest(document)
        Document.objects.filter(pk=document.pk).update(not_before=None)
    assert (document.status, document.error_code) == (Status.FAILED, "internal")
    assert "ZeroDivisionError" in document.error_detail


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("bomb.docx", samples.zip_bomb_docx, "zip_bomb"),
        ("broken.docx", samples.broken_docx, "corrupt"),
        ("broken.pdf", samples.broken_pdf, "corrupt"),
        ("locked.pdf", lambda: samples.pdf(password="secret"), "password"),
        ("blank.md", lambda: b" \n\n ", "empty"),
    ],
)
def test_a_file_that_cannot_be_read_fails_once_with_its_reason(people, hints, rag, name, content, code):
    document = ingest(upload(people.alice, people.root_folder, name, content()))
    assert (document.status, document.error_code, document.error_retryable) == (Status.FAILED, code, False)
    assert document.attempt == 1
    with translation.override("en"):
        assert sentence(code) == SENTENCES[code]
    with translation.override("zh-hans"):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in sentence(code))
    assert rag.store().count(document.pk) == 0


def test_every_sentence_exists_in_chinese_and_english():
    for code, english in SENTENCES.items():
        with translation.override("en"):
            assert sentence(code) == english
        with translation.override("zh-hans"):
            assert sentence(code) != english, code
            assert any("\u4e00" <= letter <= "\u9fff" for letter in sentence(code)), code


def test_a_missing_original_is_said_and_not_retried(people, hints, rag):
    document = upload(people.alice, people.root_folder, "rules.md", "# Rules")
    document.file_path.unlink()
    document = ingest(document)
    assert (document.status, document.error_code) == (Status.FAILED, "missing")


def test_a_new_version_that_cannot_be_read_leaves_the_old_one_served(people, hints, rag):
    document = ingest(upload(people.alice, people.root_folder, "rules.md", f"# Rules\n\n{samples.WORDS}"))
    document = document_add_version(
        document, by=people.alice, upload=SimpleUploadedFile("rules.docx", samples.broken_docx())
    )
    document = ingest(document)
    assert (document.status, document.error_code, document.version) == (Status.FAILED, "corrupt", 2)
    assert document.active_generation == 1
    assert any("signature" in text for text in found(people.bob, "signature"))


def test_a_passage_that_was_switched_off_stays_off_after_a_reindex(people, hints, rag):
    document = ingest(upload(people.alice, people.root_folder, "rules.md", f"# Rules\n\n{samples.WORDS}"))
    chunk_update(document.chunks.get(), by=people.alice, enabled=False)
    document_requeue(document, by=people.alice)
    document = ingest(document)
    assert [chunk.enabled for chunk in document.chunks.all()] == [False]
    assert found(people.bob, "signature") == []


def test_a_document_moved_while_it_is_read_is_found_in_its_new_place(people, hints, rag, monkeypatch):
    document = upload(people.alice, people.root_folder, "rules.md", f"# Rules\n\n{samples.WORDS}")
    elsewhere = folder_create(by=people.alice, parent=people.root_folder, name="New")
    encode = generations.indexing.encode

    def move_then_encode(*args, **options):
        document_move(Document.objects.get(pk=document.pk), by=people.alice, folder=elsewhere)
        move(str(document.pk))  # at once, before any point exists
        return encode(*args, **options)

    monkeypatch.setattr(generations.indexing, "encode", move_then_encode)
    hints.clear()
    document = ingest(document)
    assert ("move", str(document.pk)) in hints[1:]
    move(str(document.pk))
    result = search(people.bob, "signature", folder_ids=[elsewhere.pk], options=RetrievalOptions())
    assert [passage.chunk.document_id for passage in result.passages] == [document.pk]
