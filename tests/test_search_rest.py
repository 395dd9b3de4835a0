"""Search over REST: the shape of the contract, rights of this moment, and what is refused."""

from __future__ import annotations

import uuid

import pytest

from apps.cabinets.models import Chunk, Document
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.folders import folder_ensure_path
from apps.cabinets.services.grants import grants_set
from apps.rag.errors import EmbedError, StoreError
from tests import samples
from tests.factories import Api, ingest, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def library(people, hints, rag) -> dict[str, Document]:
    """Two documents in the cabinet that bob reads, one in charlie's; all speak of a signature."""
    inner = folder_ensure_path(by=people.alice, root=people.root_folder, path="inner")
    private = cabinet_create(by=people.charlie, name="Private")
    text = "# {0}\n\nEvery {0} needs a signature of the head."
    made = {
        "top": upload(people.alice, people.root_folder, "travel.md", text.format("travel")),
        "inner": upload(people.alice, inner, "purchase.md", text.format("purchase")),
        "private": upload(people.charlie, private.folders.get(), "secret.md", text.format("secret")),
    }
    return {name: ingest(document) for name, document in made.items()}


def found(api: Api, query: str = "signature", **body) -> set[str]:
    answer = api.post("search", {"query": query, **body})
    assert answer.status_code == 200, answer.content
    return {passage["title"] for passage in answer.json()["passages"]}


def test_the_answer_has_the_shape_of_the_contract(people, library):
    body = Api(people.bob).post("search", {"query": "travel signature"}).json()
    assert body["query"] == "travel signature"
    assert {"embed", "search", "rerank", "total"} <= set(body["timings_ms"])
    assert body["explanation"] is None
    first = body["passages"][0]
    assert set(first) == {"chunk_id", "document_id", "title", "text", "score", "scores", "location", "url"}
    assert (first["title"], first["document_id"]) == ("travel", str(library["top"].pk))
    assert set(first["location"]) == {"page", "page_end", "headings", "boxes", "sheet", "cells"}
    assert first["location"]["headings"] == ["travel"]
    assert set(first["scores"]) <= {"dense", "sparse", "exact", "fused", "rerank"}
    assert {"sparse", "fused", "rerank"} <= set(first["scores"])
    assert first["url"] == f"/documents/{library['top'].pk}/?chunk={first['chunk_id']}"
    assert Chunk.objects.get(pk=first["chunk_id"]).text == first["text"]
    scores = [passage["score"] for passage in body["passages"]]
    assert scores == sorted(scores, reverse=True)


def test_a_page_of_a_pdf_is_named_with_its_boxes(people, hints, rag):
    ingest(upload(people.alice, people.root_folder, "rules.pdf", samples.pdf("First page.", samples.WORDS)))
    passages = Api(people.bob).post("search", {"query": "3,000 yuan signature"}).json()["passages"]
    where = passages[0]["location"]
    assert where["page"] <= 2 <= where["page_end"]
    assert all(len(box) == 5 for box in where["boxes"])
    assert where["boxes"]


@pytest.mark.parametrize(
    ("who", "titles"),
    [
        ("alice", {"travel", "purchase"}),
        ("bob", {"travel", "purchase"}),
        ("charlie", {"secret"}),
        ("root", {"travel", "purchase", "secret"}),
    ],
)
def test_each_finds_what_is_theirs(people, library, who, titles):
    assert found(Api(getattr(people, who))) == titles


def test_the_question_can_be_cut_to_places_but_never_widened(people, library):
    bob = Api(people.bob)
    inner, private = library["inner"], library["private"]
    assert found(bob, cabinet_ids=[str(people.cabinet.pk)]) == {"travel", "purchase"}
    assert found(bob, folder_ids=[str(inner.folder_id)]) == {"purchase"}
    assert found(bob, document_ids=[str(library["top"].pk)]) == {"travel"}
    assert found(bob, document_ids=[str(library["top"].pk), str(private.pk)]) == {"travel"}
    for nothing in (
        {"cabinet_ids": [str(private.cabinet_id)]},
        {"folder_ids": [str(private.folder_id)]},
        {"document_ids": [str(private.pk)]},
        {"cabinet_ids": []},
        {"folder_ids": []},
        {"document_ids": []},
        {"cabinet_ids": [str(uuid.uuid4())]},
        {"folder_ids": [str(inner.folder_id)], "document_ids": [str(library["top"].pk)]},
    ):
        assert found(bob, **nothing) == set(), nothing


def test_a_grant_on_a_folder_finds_its_subtree_only(people, library):
    grants_set(
        by=people.alice,
        cabinet=people.cabinet,
        folder=library["inner"].folder,
        entries=[("user:charlie", "viewer")],
    )
    assert found(Api(people.charlie)) == {"purchase", "secret"}


def test_a_revocation_acts_on_the_next_search(people, library):
    bob = Api(people.bob)
    assert found(bob)
    grants_set(by=people.alice, cabinet=people.cabinet, entries=[("user:alice", "manager")])
    assert found(bob) == set()


def test_a_hit_that_the_store_still_has_in_the_old_place_is_not_shown(people, library):
    """The points were not moved yet: the row decides."""
    private = library["private"]
    Document.objects.filter(pk=library["top"].pk).update(cabinet=private.cabinet, folder=private.folder)
    assert found(Api(people.bob)) == {"purchase"}


@pytest.mark.parametrize("mode", ["hybrid", "dense", "sparse"])
@pytest.mark.parametrize("rerank", [True, False])
def test_every_mode_finds_something_and_says_how(people, library, mode, rerank):
    body = {"query": "travel needs a signature", "mode": mode, "rerank": rerank, "explain": True, "top_k": 1}
    answer = Api(people.bob).post("search", body).json()
    assert [passage["title"] for passage in answer["passages"]] == ["travel"]
    assert ("rerank" in answer["passages"][0]["scores"]) is rerank
    assert set(answer["explanation"]["legs"]) <= {"dense", "sparse"}
    assert answer["explanation"]["legs"]


def test_an_explanation_names_what_was_understood_and_who_said_what(people, library):
    body = {"query": "Did travel need a signature in March 2024?", "explain": True, "top_k": 1}
    told = Api(people.bob).post("search", body).json()["explanation"]
    assert told["facets"]["periods"] == [
        {"start": "2024-03-01", "end": "2024-03-31", "text": "march 2024", "relative": False}
    ]
    assert {"travel", "signatur", "月:2024-3"} <= set(told["terms"])
    assert told["legs"]["sparse"]["found"] == 2
    first, second = told["passages"]
    assert (first["title"], first["rank"], first["dropped_by"]) == ("travel", 1, None)
    assert (first["legs"]["sparse"]["rank"], first["fused"]["rank"]) == (1, 1)
    assert (second["title"], second["rank"], second["dropped_by"]) == ("purchase", None, "limit")
    assert told["dropped"]["limit"] == 1


def test_each_passage_says_in_plain_words_why_it_was_found(people, library):
    text = "云岭市财政局2025年3月1日印发：出差住宿费凭票报销，标准由财政局公布。"
    ingest(upload(people.alice, people.root_folder, "关于差旅费的通知.md", f"# 关于差旅费的通知\n\n{text}"))
    body = {"query": "2025年3月财政局发的关于出差的通知", "explain": True, "top_k": 1}
    (passage,) = Api(people.bob, language="en").post("search", body).json()["passages"]
    assert passage["title"] == "关于差旅费的通知"
    assert "It names 财政局." in passage["why"]
    assert "It is of the kind that was asked for: 通知." in passage["why"]
    assert any(one.startswith("It is from the time") for one in passage["why"])
    assert any("number 1" in one for one in passage["why"])
    (chinese,) = Api(people.bob, language="zh-hans").post("search", body).json()["passages"]
    assert "文中提到财政局。" in chinese["why"] and len(chinese["why"]) == len(passage["why"])


def test_what_the_database_did_not_confirm_is_counted_and_never_named(people, library):
    private = library["private"]
    Document.objects.filter(pk=library["top"].pk).update(cabinet=private.cabinet, folder=private.folder)
    answer = Api(people.bob).post("search", {"query": "signature", "explain": True})
    assert answer.json()["explanation"]["dropped"]["database"] == 1
    assert str(library["top"].pk) not in answer.content.decode()


def test_understanding_can_be_switched_off(people, library):
    body = {"query": "signature in March 2024", "explain": True, "understand": False}
    told = Api(people.bob).post("search", body).json()["explanation"]
    assert told["facets"]["periods"] == []
    assert "月:2024-3" not in told["terms"]


@pytest.mark.parametrize("query", ["?!。，", "……", "   ，", "()"])
def test_only_punctuation_finds_nothing(people, library, query):
    assert found(Api(people.bob), query) == set()


def test_questions_that_are_made_to_harm_are_answered_within_the_rights(people, library):
    bob = Api(people.bob)
    for query in (
        "(a+)+$" * 300,
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "1" * 2000,
        "1," * 1000,
        "国务院" * 600,
        "〔2024〕" * 300,
        "'; DROP TABLE cabinets_chunk; --",
        '{"should": []}',
    ):
        assert found(bob, query, explain=True, cabinet_ids=[]) == set(), query
        assert found(bob, query, explain=True) <= {"travel", "purchase"}, query
    for query in (".*", "\x01\x07\x1b", "\u202e\u200b\ufeff", "%_%", "*"):
        assert found(bob, query) == set(), query
    assert found(bob, "\x01travel\x07 signature\u202e", top_k=1) == {"travel"}
    assert bob.post("search", {"query": "travel\x00"}).json()["errors"][0]["field"] == "query"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "query"),
        ({"query": ""}, "query"),
        ({"query": " \n\t"}, "query"),
        ({"query": "x" * 2001}, "query"),
        ({"query": "x" * 10_001}, "query"),
        ({"query": 7}, "query"),
        ({"query": "x", "top_k": 0}, "top_k"),
        ({"query": "x", "top_k": 51}, "top_k"),
        ({"query": "x", "mode": "magic"}, "mode"),
        ({"query": "x", "filters": {"colour": "red"}}, "filters"),
        ({"query": "x", "as_of": "yesterday"}, "as_of"),
        ({"query": "x", "cabinet_ids": ["x"]}, "cabinet_ids.0"),
        ({"query": "x", "cabinet_ids": [str(uuid.UUID(int=n)) for n in range(1001)]}, "cabinet_ids"),
        ({"query": "x", "folder_ids": [str(uuid.UUID(int=n)) for n in range(1001)]}, "folder_ids"),
        ({"query": "x", "document_ids": [str(uuid.UUID(int=n)) for n in range(1001)]}, "document_ids"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(people, body, field):
    answer = Api(people.bob).post("search", body)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_a_long_list_of_ids_that_are_nobodys_finds_nothing(people, library):
    assert found(Api(people.bob), document_ids=[str(uuid.UUID(int=n)) for n in range(1000)]) == set()


def test_a_question_about_a_day_finds_only_what_was_in_force(people, library):
    Document.objects.filter(pk=library["top"].pk).update(effective_on="2024-01-01", repealed_on="2025-01-01")
    bob = Api(people.bob)
    assert found(bob) == {"purchase"}, "today is asked where no day is named"
    assert found(bob, filters={"validity": "any"}) == {"travel", "purchase"}
    for day, titles in {
        "2023-12-31": {"purchase"},
        "2024-01-01": {"travel", "purchase"},
        "2024-12-31": {"travel", "purchase"},
        "2025-01-01": {"purchase"},
    }.items():
        assert found(bob, as_of=day) == titles, day


def test_the_body_can_name_the_employee_whose_rights_count(people, library):
    root = Api(people.root, "search", "impersonate")
    assert found(root, on_behalf_of="charlie") == {"secret"}
    assert root.post("search", {"query": "x", "on_behalf_of": "nobody"}).status_code == 422
    assert Api(people.bob).post("search", {"query": "x", "on_behalf_of": "charlie"}).status_code == 403


def test_while_the_store_is_down_the_answer_is_503(people, library, rag, monkeypatch):
    def down(*args, **options):
        raise StoreError("connection refused to 10.0.0.1")

    monkeypatch.setattr(rag.store(), "search_sparse", down)
    answer = Api(people.bob).post("search", {"query": "signature"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["type"] == "urn:askive:problem:store_unavailable"
    assert "10.0.0.1" not in answer.content.decode()


def test_while_the_embedder_is_down_words_still_find(people, library, rag, monkeypatch):
    def down(text):
        raise EmbedError("refused")

    monkeypatch.setattr(rag.query_embedder(), "embed_query", down)
    answer = Api(people.bob).post("search", {"query": "travel signature"}).json()
    assert answer["passages"][0]["title"] == "travel"
    assert answer["warnings"] == ["embedder_unavailable"]
