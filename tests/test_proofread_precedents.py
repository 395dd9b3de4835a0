"""A finding cites a document of the house that writes it the right way: only what the writer may read, only a few looks."""

from __future__ import annotations

import pytest

from apps.cabinets.models import Document
from apps.cabinets.services.cabinets import cabinet_create
from apps.office.facts import precedents
from apps.office.facts.precedents import phrase_of
from apps.office.proofreading.engine import make_draft, proofread
from apps.office.proofreading.types import Suggestion
from apps.rag.errors import StoreError
from tests.factories import Api, ingest, upload

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "截止目前，工程已经峻工。"


@pytest.fixture
def library(people, hints, rag) -> dict[str, Document]:
    private = cabinet_create(by=people.charlie, name="Private")
    good = "# 竣工\n\n工程已经竣工的，应当在十日内办理验收。"
    return {
        "own": ingest(upload(people.alice, people.root_folder, "验收办法.md", good)),
        "private": ingest(upload(people.charlie, private.folders.get(), "秘密.md", good)),
        "wrong": ingest(upload(people.alice, people.root_folder, "旧稿.md", "工程已经峻工，请验收。")),
    }


def sources(user, text: str = TEXT, **body) -> dict[str, list[dict]]:
    answer = Api(user, "office").post("proofread", {"text": text, **body}).json()
    return {finding["rule"]["id"]: finding["sources"] for finding in answer["findings"]}


def test_the_document_that_writes_it_right_is_named_with_its_passage(people, library):
    (source,) = sources(people.alice)["W04"]
    assert source["kind"] == "precedent"
    assert source["title"] == "验收办法"
    assert source["document_id"] == str(library["own"].pk)
    assert "竣工" in source["quote"] and "峻工" not in source["quote"]
    assert source["url"].startswith(f"/documents/{library['own'].pk}/?chunk=")


def test_everybody_is_shown_only_what_is_theirs(people, library):
    (source,) = sources(people.charlie)["W04"]
    assert source["document_id"] == str(library["private"].pk)
    assert sources(people.bob)["W04"][0]["document_id"] == str(library["own"].pk)
    assert sources(people.alice, cabinet_ids=[])["W04"] == []


def test_hints_and_marks_are_not_looked_up_and_of_many_words_only_a_few(people, library, monkeypatch):
    asked: list[str] = []
    real = precedents.search_scope
    monkeypatch.setattr(
        precedents, "search_scope", lambda *given, **more: asked.append(given[1]) or real(*given, **more)
    )
    sources(people.alice, "要求如下:\n内容包括：安全。")
    assert asked == []
    sources(people.alice, "截止目前，已峻工。部份人员重新登陆系统，渡假、按装、座落、幅射、追朔、通迅。" * 3)
    assert 0 < len(asked) <= precedents.MOST_LOOKUPS


def test_a_search_that_is_down_costs_the_precedent_not_the_finding(people, library, monkeypatch):
    def down(*given: object, **more: object) -> None:
        raise StoreError("down")

    monkeypatch.setattr(precedents, "search_scope", down)
    assert sources(people.alice)["W04"] == []


def test_one_changed_character_is_looked_up_with_its_neighbours():
    draft = make_draft("根据有关规订，经研究，决定如下。")
    finding = proofread(draft).findings[0].changed(offset=5, length=1, text="订")
    assert phrase_of(draft, finding.changed(suggestions=(Suggestion("定"),))) == ("据有关规定", "规定")
    assert phrase_of(draft, finding.changed(suggestions=(Suggestion("定期"),))) == ("据有关规定期", "定期")
