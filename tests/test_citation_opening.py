"""Opening a citation: the page with its box, the passage with its quote, and nothing once rights are gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client

from apps.cabinets.models import Chunk, Document
from apps.cabinets.services.uploads import document_add_version
from apps.chat import selectors
from apps.chat.models import Conversation, Message
from apps.chat.services import Outcome, turn_finish
from apps.chat.turns import turn_begin
from apps.rag.types import ScoredChunk, Source
from tests.chatting import LEAVE, add_document, index_chunks, passages_of
from tests.factories import PASSWORD, Api

pytestmark = pytest.mark.django_db
QUOTE = "年休假为五天。"
PDF = Path(__file__).parent.parent / "apps/cabinets/demo/files/English/Travel Policy.pdf"


def answered(user, document: Document, *, number: int = 1, quote: str = QUOTE) -> Message:
    """A complete answer that cites one passage of the document."""
    conversation = Conversation.objects.create(user=user)
    (turn,) = turn_begin(conversation, content="?", models=[""])
    chunk = passages_of(document)[number - 1]
    outcome = Outcome(status="complete", content=f"{quote} [1]", finish_reason="stop", quotes={1: quote})
    turn_finish(turn.answer.pk, outcome, sources=[Source(1, ScoredChunk(chunk, 1.0))])
    return turn.answer


@pytest.fixture
def leave(knowledge) -> Document:
    return knowledge.cabinet.documents.get(title="休假")


@pytest.fixture
def travel(knowledge) -> Document:
    texts = ("Hotels cost at most 400.", "Taxis are paid.")
    return add_document(
        knowledge.alice, knowledge.root_folder, "travel.pdf", *texts, content=PDF.read_bytes(), pages=True
    )


def page(user, message: Message, *, number: int = 1, **headers: Any):
    client = Client()
    assert client.login(username=user.username, password=PASSWORD)
    return client.get(f"/messages/{message.pk}/sources/{number}/", **headers)


def test_a_text_opens_at_its_passage_with_the_quote(knowledge, leave):
    opened = selectors.source_for(knowledge.bob, answered(knowledge.bob, leave).pk, 1)
    assert opened.document == leave
    assert (opened.passage + opened.quote + opened.passage_after) == LEAVE
    assert opened.quote == QUOTE
    assert not opened.changed
    assert opened.page_image_url is None


def test_a_pdf_opens_at_its_page_with_the_box(knowledge, travel):
    message = answered(knowledge.bob, travel, number=2, quote="Taxis are paid.")
    opened = selectors.source_for(knowledge.bob, message.pk, 1)
    assert opened.page_image_url == f"/api/v1/documents/{travel.pk}/pages/2.png"
    width, height = opened.page_size
    (box,) = opened.boxes
    assert (box["left"], box["top"]) == (round(5000 / width, 2), round(10000 / height, 2))
    assert box["left"] + box["width"] <= 100
    image = Api(knowledge.bob).get(opened.page_image_url)
    assert image["Content-Type"] == "image/png"
    assert Api(knowledge.charlie).get(opened.page_image_url).status_code == 404


def test_the_neighbours_are_shown_as_context(knowledge, travel):
    message = answered(knowledge.bob, travel, number=2, quote="Taxis are paid.")
    assert "Hotels cost" in selectors.source_for(knowledge.bob, message.pk, 1).passage_before


def test_a_new_version_is_told_and_the_old_passage_kept(knowledge, leave):
    message = answered(knowledge.bob, leave)
    document_add_version(
        leave, by=knowledge.alice, upload=SimpleUploadedFile("休假.txt", "年休假为八天。".encode())
    )
    leave.refresh_from_db()
    Chunk.objects.filter(document=leave).delete()
    index_chunks(leave, passages_of(leave, "年休假为八天。"))
    opened = selectors.source_for(knowledge.bob, message.pk, 1)
    assert opened.changed
    assert opened.quote == QUOTE
    assert "八天" not in opened.passage + opened.passage_after
    assert "has changed" in page(knowledge.bob, message, HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_an_edited_passage_is_told(knowledge, leave):
    message = answered(knowledge.bob, leave)
    Chunk.objects.filter(document=leave).update(text="年休假为九天。")
    assert selectors.source_for(knowledge.bob, message.pk, 1).changed


def test_a_document_that_is_only_cut_anew_has_not_changed(knowledge, leave):
    message = answered(knowledge.bob, leave)
    Document.objects.filter(pk=leave.pk).update(generation=2)
    leave.refresh_from_db()
    index_chunks(leave, passages_of(leave, LEAVE))
    assert not selectors.source_for(knowledge.bob, message.pk, 1).changed


@pytest.mark.parametrize("lost", ["grant", "deleting", "gone", "cabinet"])
def test_nothing_of_the_text_is_told_once_it_may_not_be_read(knowledge, leave, lost):
    message = answered(knowledge.bob, leave)
    if lost == "grant":
        knowledge.cabinet.grants.filter(user=knowledge.bob).delete()
    elif lost == "deleting":
        Document.objects.filter(pk=leave.pk).update(status="deleting")
    elif lost == "gone":
        leave.delete()
    else:
        type(knowledge.cabinet).objects.filter(pk=knowledge.cabinet.pk).update(deleted_at=leave.created_at)
    opened = selectors.source_for(knowledge.bob, message.pk, 1)
    assert opened.document is None
    assert (opened.passage, opened.quote, opened.passage_before, opened.passage_after) == ("", "", "", "")
    html = page(knowledge.bob, message).content.decode()
    assert QUOTE not in html
    assert "休假" not in html.replace(message.conversation.title, "")
    citation = conversation_json(knowledge.bob, message)["citations"][0]
    assert (citation["number"], citation["title"], citation["quote"]) == (1, "", "")
    assert citation["document_id"] is None


def test_rest_tells_the_quote_to_who_may_read_it(knowledge, leave):
    message = answered(knowledge.bob, leave)
    citation = conversation_json(knowledge.bob, message)["citations"][0]
    assert (citation["title"], citation["quote"]) == ("休假", QUOTE)


def conversation_json(user, message: Message) -> dict[str, Any]:
    body = Api(user).get(f"conversations/{message.conversation_id}").json()
    return next(entry for entry in body["messages"] if entry["id"] == str(message.pk))


def test_the_sources_of_others_and_absent_numbers_are_absent(knowledge, leave):
    message = answered(knowledge.bob, leave)
    with pytest.raises(Http404):
        selectors.source_for(knowledge.alice, message.pk, 1)
    with pytest.raises(Http404):
        selectors.source_for(knowledge.bob, message.pk, 2)
    assert page(knowledge.alice, message).status_code == 404
    assert page(knowledge.bob, message, number=9).status_code == 404


def test_a_source_whose_document_was_deleted_meanwhile_is_saved_without_it(knowledge, leave):
    chunk = passages_of(leave)[0]
    (turn,) = turn_begin(Conversation.objects.create(user=knowledge.bob), content="?", models=[""])
    leave.delete()
    turn_finish(turn.answer.pk, Outcome("complete", "x"), sources=[Source(1, ScoredChunk(chunk, 1.0))])
    turn.answer.refresh_from_db()
    assert turn.answer.status == "complete"
    assert not turn.answer.sources.exists()
