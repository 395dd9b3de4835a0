"""The page of a document: it opens at the passage, shows text by structure, and never runs what is in it."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.cabinets.models import Chunk, Document
from apps.cabinets.services.kept import elements_path
from apps.rag.parsing.serial import document_to_json
from apps.rag.types import Box, Element, ParsedDocument, chunk_id
from tests.factories import People
from tests.test_cabinet_pages import make_document, page_of

TABLE = "| City | Limit |\n| --- | --- |\n| Beijing | 500 |"


def keep(document: Document, *elements: Element, **values) -> None:
    path = elements_path(document.pk, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(document_to_json(ParsedDocument(elements=elements, **values)))


def add_chunk(document: Document, index: int, text: str, **values) -> Chunk:
    key = chunk_id(document.pk, 1, index)
    return Chunk.objects.create(id=key, document=document, generation=1, index=index, text=text, **values)


@pytest.fixture
def rules(people: People) -> Document:
    document = make_document(people, "Travel rules", media_type="text/markdown")
    keep(
        document,
        Element("heading", "Hotels", level=1),
        Element(
            "paragraph",
            "The limit is 500 yuan. Exceptions need a signature. Keep the receipt.",
            headings=("Hotels",),
        ),
        Element("table", TABLE, headings=("Hotels",)),
        Element("list", "- Breakfast is included", headings=("Hotels",)),
        Element("code", "<script>alert(1)</script>"),
    )
    add_chunk(document, 0, "Exceptions need a signature.", headings=["Hotels"])
    add_chunk(document, 1, TABLE)
    return document


def test_text_is_shown_by_its_structure(people, rules):
    content = page_of(people.bob).get(f"/documents/{rules.pk}/").content.decode()
    assert "<h3" in content and "<td>Beijing</td>" in content
    assert "• Breakfast is included" in content
    assert "&lt;script&gt;alert(1)" in content and "<script>alert" not in content


def test_a_passage_in_the_address_is_marked_where_it_stands(people, rules):
    chunk = rules.chunks.get(index=0)
    content = page_of(people.bob).get(f"/documents/{rules.pk}/?chunk={chunk.pk}").content.decode()
    assert "<mark>Exceptions need a signature.</mark> Keep the receipt." in content
    assert f'id="chunk-{chunk.pk}" aria-current="true"' in content


def test_a_passage_with_a_table_is_a_table_and_marks_its_block(people, rules):
    chunk = rules.chunks.get(index=1)
    page = page_of(people.bob).get(f"/documents/{rules.pk}/?chunk={chunk.pk}")
    assert [block.marked for block in page.context["text"].blocks] == [False, False, True, False, False]
    assert page.content.decode().count("<td>Beijing</td>") == 2


@pytest.mark.parametrize(
    "asked", ["chunk=nonsense", "chunk=00000000-0000-0000-0000-000000000000", "page=0", "page=x", "tab=evil"]
)
def test_a_stale_or_foreign_place_opens_the_document_itself(people, rules, asked):
    assert page_of(people.bob).get(f"/documents/{rules.pk}/?{asked}").status_code == 200


def test_a_tab_in_the_address_is_what_a_phone_shows(people, rules):
    """Where only one pane has room."""
    bob = page_of(people.bob)
    assert 'data-pane="original"' in bob.get(f"/documents/{rules.pk}/").content.decode()
    assert 'data-pane="side"' in bob.get(f"/documents/{rules.pk}/?tab=details").content.decode()


def test_pages_of_a_pdf_are_figures_in_points_with_the_boxes_of_the_passage(people):
    document = make_document(people, "Paper", page_count=3)
    sizes = ((595.0, 842.0), (842.0, 595.0), (595.0, 842.0))
    keep(
        document,
        Element("paragraph", "Words", page=2, box=Box(2, 10, 20, 110, 40)),
        page_count=3,
        page_sizes=sizes,
    )
    chunk = add_chunk(document, 0, "Words", page_start=2, page_end=2, boxes=[[2, 10, 20, 110, 40]])
    page = page_of(people.bob).get(f"/documents/{document.pk}/?chunk={chunk.pk}")
    content = page.content.decode()
    assert content.count('<figure class="sheet"') == 3
    assert 'viewBox="0 0 842.0 595.0"' in content
    assert '<rect x="10" y="20" width="100" height="20"' in content
    assert page.context["open_page"] == 2


def test_long_texts_and_long_lists_come_in_windows(people):
    document = make_document(people, "Long", media_type="text/plain")
    keep(document, *(Element("paragraph", f"Paragraph number {number}.") for number in range(300)))
    for number in range(100):
        add_chunk(document, number, f"Paragraph number {number}.")
    browser = page_of(people.bob)
    page = browser.get(f"/documents/{document.pk}/")
    assert (len(page.context["text"].blocks), page.context["text"].later) == (120, 120)
    assert (len(page.context["passages"].items), page.context["passages"].later) == (40, 40)
    more = browser.get(f"/documents/{document.pk}/text/?from=240").context["text"]
    assert (more.blocks[0].index, more.earlier, more.later) == (240, 120, None)
    late = document.chunks.get(index=80)
    opened = browser.get(f"/documents/{document.pk}/?chunk={late.pk}")
    assert opened.context["text"].blocks[15].marked
    assert opened.context["passages"].items[3].chunk == late
    assert browser.get(f"/documents/{document.pk}/passages/?from=77").context["passages"].earlier == 37


def test_a_failure_says_what_happened_and_what_to_do(people):
    document = make_document(people, "Locked", status="failed", error_code="password", active_generation=None)
    manager = page_of(people.alice).get(f"/documents/{document.pk}/").content.decode()
    assert "Remove the password and upload it again." in manager
    assert 'data-doc="retry"' in manager
    assert 'data-doc="retry"' not in page_of(people.bob).get(f"/documents/{document.pk}/").content.decode()


def test_what_is_not_mine_and_what_is_not_there_are_the_same(people, rules):
    browser = page_of(people.charlie)
    for part in ("", "text/", "passages/", "sheets/"):
        assert browser.get(f"/documents/{rules.pk}/{part}").status_code == 404
    rules.status = "deleting"
    rules.save()
    assert page_of(people.bob).get(f"/documents/{rules.pk}/").status_code == 404


def test_strangers_are_asked_to_sign_in(rules):
    assert Client().get(f"/documents/{rules.pk}/").status_code == 302


def test_only_a_pdf_has_page_images(people, rules):
    assert page_of(people.bob).get(f"/documents/{rules.pk}/sheets/").status_code == 404


def test_details_name_versions_checksum_and_times(people, rules):
    rules.timings_ms, rules.warnings = {"parse": 12, "total": 3400}, ["Page 3 has no text."]
    rules.save()
    content = (
        page_of(people.alice, language="zh-hans").get(f"/documents/{rules.pk}/?tab=details").content.decode()
    )
    assert rules.sha256 in content and "3.4 s" in content and "Page 3 has no text." in content
    assert "上传新版本" in content
