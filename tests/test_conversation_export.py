"""Exports: Markdown, text, Word with real footnotes, the printed page; and an answer kept as a document."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client

from apps.cabinets.models import Document
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.grants import grants_set
from tests.factories import Api, People
from tests.test_ask_page import QUOTE, cite, make_answer, make_document

pytestmark = pytest.mark.django_db
ANSWER = "At most **380 yuan**[1], see the list[2].\n\n1. one\n2. two\n\n| City | Yuan |\n| --- | --- |\n| 上海 | 380[1] |"


@pytest.fixture
def answer(people: People):
    made = make_answer(people.alice, content=ANSWER)
    cite(made, make_document(people.cabinet, "Travel"))
    cite(made, make_document(people.cabinet, "Prices"), number=2)
    return made


def export(user, answer, kind: str):
    got = Api(user).get(f"conversations/{answer.conversation_id}/export", {"format": kind})
    assert got.status_code == 200
    return got


def test_markdown_has_the_passages_as_footnotes(people: People, answer):
    got = export(people.alice, answer, "md")
    text = got.content.decode()
    assert "# Hotel <costs>" in text and "## What may a hotel cost?" in text
    assert "**380 yuan**[^1], see the list[^2]" in text
    assert f"[^1]: Travel, p. 2 ({people.cabinet.name}): “{QUOTE}”" in text
    assert "Hotel%20%20costs" in got["Content-Disposition"] or "Hotel" in got["Content-Disposition"]


def test_text_has_the_sources_below(people: People, answer):
    text = export(people.alice, answer, "txt").content.decode()
    assert "380 yuan" in text and "[2] Prices, p. 2" in text


def test_word_has_real_footnotes_lists_and_tables(people: People, answer):
    from docx import Document as Word

    content = export(people.alice, answer, "docx").content
    word = Word(io.BytesIO(content))
    words = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "What may a hotel cost?" in words and "At most 380 yuan, see the list." in words
    assert [cell.text for cell in word.tables[0].rows[1].cells] == ["上海", "380"]
    styles = {paragraph.text: paragraph.style.name for paragraph in word.paragraphs}
    assert styles["one"] == "List Number"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        notes = archive.read("word/footnotes.xml").decode()
        body = archive.read("word/document.xml").decode()
        assert "footnotes+xml" in archive.read("[Content_Types].xml").decode()
    assert notes.count(QUOTE) == 2 and body.count("w:footnoteReference ") == 3


def test_an_export_holds_nothing_of_what_may_no_longer_be_read(people: People, answer):
    secret = make_document(cabinet_create(by=people.charlie, name="Elsewhere"), "Secret")
    cite(answer, secret, number=3)
    answer.content += " Hm[3]."
    answer.save()
    for kind in ("md", "txt", "docx"):
        content = export(people.alice, answer, kind).content
        if kind == "docx":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = b"".join(archive.read(name) for name in archive.namelist())
        assert b"Secret" not in content and b"Elsewhere" not in content


CHECKS = [
    {"sentence": "At most 380 yuan.", "verdict": "supported", "numbers": [1]},
    {"sentence": "Breakfast is <included>.", "verdict": "unsupported", "numbers": [1]},
    {"sentence": "See the list.", "verdict": "partial", "numbers": [2]},
]
GENERAL = "not from your documents"


def everything_of(content: bytes, kind: str) -> str:
    if kind != "docx":
        return content.decode()
    from docx import Document as Word

    return "\n".join(paragraph.text for paragraph in Word(io.BytesIO(content)).paragraphs)


def test_every_form_says_which_sentences_were_not_found(people: People, answer):
    answer.checks = CHECKS
    answer.save()
    for kind in ("md", "txt", "docx"):
        text = everything_of(export(people.alice, answer, kind).content, kind)
        doubts = text.split("Not found in the cited passages")[1]
        assert "Breakfast is <included>." in doubts and "See the list." in doubts
        assert "At most 380 yuan." not in doubts and GENERAL not in text
        assert "from the organisation's documents" in text
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(people.alice)
    page = client.get(f"/c/{answer.conversation_id}/print/").content.decode()
    assert "<li>Breakfast is &lt;included&gt;.</li>" in page and "Only partly found" in page


def test_every_form_says_what_is_not_from_documents(people: People):
    answer = make_answer(people.alice, basis="general", content="Water boils at 100 °C.")
    for kind in ("md", "txt", "docx"):
        text = everything_of(export(people.alice, answer, kind).content, kind)
        assert GENERAL in text.split("Water boils")[0]
        assert "from the organisation's documents" not in text
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
    client.force_login(people.alice)
    page = client.get(f"/c/{answer.conversation_id}/print/").content.decode()
    assert "不是来自资料" in page and "由本单位资料回答" not in page
    saved = Api(people.alice).post(f"messages/{answer.pk}/save", {"cabinet_id": str(people.cabinet.pk)})
    assert GENERAL in Document.objects.get(pk=saved.json()["id"]).file_path.read_text()


def test_an_answer_that_was_not_found_says_so_on_paper(people: People, answer):
    answer.found = False
    answer.save()
    text = export(people.alice, answer, "md").content.decode()
    assert "> The documents do not seem to hold an answer." in text


def test_hostile_text_stays_text(people: People):
    answer = make_answer(people.alice, content="a\x0bb <w:p> & [9] ![i](http://x/y.png)")
    assert export(people.alice, answer, "docx").content[:2] == b"PK"
    assert "[9]" in export(people.alice, answer, "md").content.decode()


def test_the_printed_page_has_notes_and_no_frame(people: People, answer):
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(people.alice)
    page = client.get(f"/c/{answer.conversation_id}/print/").content.decode()
    assert QUOTE in page and "Travel, p. 2" in page and "composer" not in page and "rail" not in page
    client.force_login(people.bob)
    assert client.get(f"/c/{answer.conversation_id}/print/").status_code == 404


def test_an_answer_becomes_a_document_with_its_sources(people: People, answer):
    made = Api(people.alice).post(
        f"messages/{answer.pk}/save",
        {"cabinet_id": str(people.cabinet.pk), "title": "Hotel limit", "text": "380 yuan a night[1]."},
    )
    assert made.status_code == 201
    document = Document.objects.get(pk=made.json()["id"])
    text = document.file_path.read_text()
    assert "# Hotel limit" in text and "380 yuan a night[^1]." in text and "[^1]: Travel, p. 2" in text
    assert "Checked by Alice" in text and document.metadata["reviewed_by"] == "alice"


def test_only_who_may_add_to_the_cabinet_keeps_an_answer_there(people: People):
    answer = make_answer(people.bob)
    body = {"cabinet_id": str(people.cabinet.pk)}
    assert Api(people.bob).post(f"messages/{answer.pk}/save", body).status_code == 403
    elsewhere = cabinet_create(by=people.charlie, name="Elsewhere")
    assert (
        Api(people.bob).post(f"messages/{answer.pk}/save", {"cabinet_id": str(elsewhere.pk)}).status_code
        == 404
    )
    grants_set(
        by=people.alice,
        cabinet=people.cabinet,
        entries=[("user:alice", "manager"), ("user:bob", "contributor")],
    )
    assert Api(people.bob).post(f"messages/{answer.pk}/save", body).status_code == 201
    assert Api(people.bob, "chat").post(f"messages/{answer.pk}/save", body).status_code == 403
    assert Api(people.bob).post(f"messages/{answer.parent_id}/save", body).status_code == 409
