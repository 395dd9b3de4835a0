"""A document can keep its running headers and footers: asked for on its own, tried out before, undone again."""

from __future__ import annotations

import io

import pytest

from tests.factories import Api, ingest, upload

pytestmark = pytest.mark.django_db(transaction=True)
HEADER, BODY = "Askive Ltd, internal use only", "Annual leave is five days."
KEEP = {"keep_headers_footers": True}


def word_file() -> bytes:
    from docx import Document

    document = Document()
    section = document.sections[0]
    section.header.paragraphs[0].text = HEADER
    section.footer.paragraphs[0].text = "Form HR-7"
    document.add_paragraph(BODY)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def words(document) -> str:
    chunks = document.chunks.filter(generation=document.active_generation)
    return "\n".join(chunks.values_list("text", flat=True))


@pytest.fixture
def document(people, hints, rag):
    return ingest(upload(people.alice, people.root_folder, "leave.docx", word_file()))


def test_headers_and_footers_are_left_out_unless_asked_for(people, document):
    assert words(document) == BODY
    alice = Api(people.alice)
    assert alice.patch(f"documents/{document.pk}", {"options": KEEP}).json()["options"] == KEEP
    alice.post(f"documents/{document.pk}/reindex")
    kept = words(ingest(document))
    assert kept.index(HEADER) < kept.index(BODY) < kept.index("Form HR-7")
    alice.patch(f"documents/{document.pk}", {"options": {}})
    alice.post(f"documents/{document.pk}/reindex")
    assert words(ingest(document)) == BODY


def test_a_preview_reads_the_file_with_the_other_settings_and_changes_nothing(people, document):
    alice = Api(people.alice)
    shown = alice.post(f"documents/{document.pk}/preview", {**KEEP, "chunk_units": 200}).json()
    assert HEADER in shown["passages"][0]["text"]
    plain = alice.post(f"documents/{document.pk}/preview", {"chunk_units": 200}).json()
    assert HEADER not in plain["passages"][0]["text"]
    document.refresh_from_db()
    assert words(document) == BODY and document.options == {}


def test_what_took_long_to_read_is_not_read_for_a_preview(people, document):
    document.timings_ms = {"parse": 60_000}
    document.save()
    answer = Api(people.alice).post(f"documents/{document.pk}/preview", KEEP)
    assert answer.status_code == 409 and "too long for a preview" in answer.json()["detail"]
    assert Api(people.alice).post(f"documents/{document.pk}/preview", {}).status_code == 200
