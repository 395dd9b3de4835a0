"""Correcting passages: found by the new words at once, the old words kept, corrections survive a new reading."""

from __future__ import annotations

import pytest

from apps.cabinets.models import Chunk, ChunkRevision, Document
from apps.cabinets.services import chunks
from apps.cabinets.services.chunks import chunk_rewrite
from apps.cabinets.services.ingestion import document_requeue
from apps.core.problems import Problem
from apps.rag.errors import StoreError
from tests.factories import Api, ingest, upload

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "\n\n".join(f"## Part {number}\n\n" + f"Sentence {number} of the rules. " * 30 for number in range(6))


@pytest.fixture
def document(people, hints, rag) -> Document:
    return ingest(
        upload(people.alice, people.root_folder, "rules.md", "# Rules\n\nThe limit is five hundred yuan.")
    )


def found(user, query: str) -> list[str]:
    return [
        item["text"]
        for item in Api(user).post("search", {"query": query, "mode": "sparse"}).json()["passages"]
    ]


def test_a_corrected_passage_is_found_by_its_new_words_and_not_by_the_old(people, document):
    chunk = document.chunks.get()
    shown = Api(people.alice).patch(f"chunks/{chunk.pk}", {"text": "The ceiling is six hundred yuan."}).json()
    assert shown["text"] == "The ceiling is six hundred yuan."
    assert shown["edited_at"]
    assert found(people.bob, "ceiling") == ["The ceiling is six hundred yuan."]
    assert found(people.bob, "limit") == []


def test_what_it_said_before_is_kept_with_who_and_can_be_put_back(people, document):
    alice, chunk = Api(people.alice), document.chunks.get()
    for text in ("First correction.", "Second correction."):
        alice.patch(f"chunks/{chunk.pk}", {"text": text})
    listed = Api(people.bob).get(f"chunks/{chunk.pk}/revisions").json()
    assert listed["text"] == "Second correction."
    assert [(item["number"], item["text"], item["replaced_by"]) for item in listed["items"]] == [
        (2, "First correction.", "alice"),
        (1, "The limit is five hundred yuan.", "alice"),
    ]
    alice.patch(f"chunks/{chunk.pk}", {"text": listed["items"][-1]["text"]})
    assert found(people.bob, "limit") == ["The limit is five hundred yuan."]


def test_readers_correct_nothing_and_no_text_is_no_correction(people, document):
    chunk = document.chunks.get()
    assert Api(people.bob).patch(f"chunks/{chunk.pk}", {"text": "Mine."}).status_code == 403
    assert Api(people.charlie).get(f"chunks/{chunk.pk}/revisions").status_code == 404
    for text in ("", "  \n", "…", "x" * 20_001):
        assert Api(people.alice).patch(f"chunks/{chunk.pk}", {"text": text}).status_code == 422, text[:5]
    assert not ChunkRevision.objects.exists()


def test_a_store_that_is_down_changes_nothing(people, document, rag, monkeypatch):
    def down(points):
        raise StoreError("refused")

    chunk = document.chunks.get()
    monkeypatch.setattr(rag.store(), "upsert", down)
    assert Api(people.alice).patch(f"chunks/{chunk.pk}", {"text": "Other words."}).status_code == 503
    chunk.refresh_from_db()
    assert chunk.text == "The limit is five hundred yuan."
    assert not chunk.revisions.exists()


def test_a_passage_that_is_no_longer_served_is_not_written(people, document, rag):
    chunk = document.chunks.get()
    ingest(document_requeue(document, by=people.alice))
    with pytest.raises(Problem) as refused:
        chunk_rewrite(chunk, by=people.alice, text="Too late.")
    assert refused.value.status == 409


def test_a_reading_that_ends_between_leaves_no_stray_point(people, document, rag, monkeypatch):
    chunk, record = document.chunks.get(), chunks._record

    def read_again_first(*args, **named):
        ingest(document_requeue(document, by=people.alice))
        return record(*args, **named)

    monkeypatch.setattr(chunks, "_record", read_again_first)
    with pytest.raises(Problem):
        chunk_rewrite(chunk, by=people.alice, text="Too late.")
    rows = {(row.pk, row.generation) for row in Chunk.objects.filter(document=document)}
    assert rag.store().point_ids(document.pk) == rows


def test_corrections_survive_a_new_reading_and_can_still_be_undone(people, document, rag):
    Api(people.alice).patch(
        f"chunks/{document.chunks.get().pk}", {"text": "The ceiling is six hundred yuan."}
    )
    document = ingest(document_requeue(document, by=people.alice))
    chunk = document.chunks.get()
    assert (chunk.generation, chunk.text) == (document.active_generation, "The ceiling is six hundred yuan.")
    assert found(people.bob, "ceiling") == [chunk.text]
    assert list(chunk.revisions.values_list("number", "text")) == [(1, "The limit is five hundred yuan.")]
    assert chunk.revisions.get().replaced_by == people.alice


def test_a_document_can_be_cut_by_settings_of_its_own(people, hints, rag):
    document = ingest(upload(people.alice, people.root_folder, "long.md", LONG))
    usual, alice = document.chunk_count, Api(people.alice)
    shown = alice.patch(f"documents/{document.pk}", {"options": {"chunk_units": 100}}).json()
    assert shown["options"] == {"chunk_units": 100, "overlap_units": 10}
    preview = alice.post(f"documents/{document.pk}/preview", {"chunk_units": 100}).json()
    assert document.chunks.count() == usual, "a preview changes nothing"
    alice.post(f"documents/{document.pk}/reindex")
    document = ingest(document)
    assert document.chunk_count == preview["count"] > usual
    assert preview["passages"][0]["text"] == document.chunks.get(index=0).text
    shown = alice.patch(f"documents/{document.pk}", {"options": {}}).json()
    assert shown["options"] == {}


def test_settings_out_of_bounds_are_refused(people, document):
    for options in ({"chunk_units": 5}, {"chunk_units": 200, "overlap_units": 100}, {"chunk_units": "big"}):
        assert Api(people.alice).patch(f"documents/{document.pk}", {"options": options}).status_code == 422


def test_a_preview_of_what_was_never_read_is_409(people, hints):
    document = upload(people.alice, people.root_folder, "new.txt", "words")
    assert Api(people.alice).post(f"documents/{document.pk}/preview", {"chunk_units": 200}).status_code == 409
