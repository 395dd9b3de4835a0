"""Why something was not found: each gate is named where it stops, and nobody learns what is not theirs."""

from __future__ import annotations

import pytest

from apps.cabinets.models import Chunk, Document
from apps.cabinets.services.cabinets import cabinet_tune
from tests.chatting import HOTEL, LEAVE, add_document
from tests.factories import Api, upload

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "年休假几天？"


@pytest.fixture
def leave(knowledge) -> Document:
    return Document.objects.get(title="休假")


def why(api: Api, document: Document, query: str = QUESTION, **body) -> dict:
    answer = api.post("search/why", {"query": query, "document_id": str(document.pk), **body})
    assert answer.status_code == 200, answer.content
    return answer.json()


def stopped(told: dict) -> str:
    return next(gate["code"] for gate in told["gates"] if gate["name"] == told["stopped_at"])


def test_what_is_found_passes_every_gate_and_has_its_place(people, leave):
    told = why(Api(people.alice), leave)
    assert (told["found"], told["rank"], told["stopped_at"]) == (True, 1, None)
    assert {gate["state"] for gate in told["gates"]} == {"passed"}
    (sparse,) = [leg for leg in told["legs"] if leg["leg"] == "sparse"]
    assert sparse["rank"] == 1 and sparse["score"] > 0
    assert all(gate["sentence"] and "%(" not in gate["sentence"] for gate in told["gates"])


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"status": "queued", "active_generation": None}, "index_queued"),
        ({"status": "processing", "active_generation": None}, "index_processing"),
        ({"status": "failed", "error_code": "password", "active_generation": None}, "index_failed"),
        ({"active_generation": 7}, "index_empty"),
        ({"repealed_on": "2020-01-01"}, "validity_repealed"),
        ({"effective_on": "2999-01-01"}, "validity_pending"),
    ],
)
def test_the_state_of_the_document_is_named(people, leave, state, code):
    Document.objects.filter(pk=leave.pk).update(**state)
    told = why(Api(people.alice), leave)
    assert (stopped(told), told["found"]) == (code, False)
    gate = next(gate for gate in told["gates"] if gate["code"] == code)
    assert gate["advice"]
    if code == "index_failed":
        assert "password" in gate["sentence"]


def test_points_that_the_index_lost_are_counted(people, leave):
    Chunk.objects.create(id=leave.pk, document=leave, generation=1, index=9, text="年休假")
    assert stopped(why(Api(people.alice), leave)) == "index_partial"


def test_passages_that_are_switched_off_are_named(people, leave):
    chunk = leave.chunks.get()
    leave.chunks.update(enabled=False)
    assert stopped(why(Api(people.alice), leave)) == "enabled_none"
    assert stopped(why(Api(people.alice), leave, chunk_id=str(chunk.pk))) == "enabled_off"


def test_a_manager_asks_for_the_rights_of_another(people, leave):
    told = why(Api(people.alice), leave, person="charlie")
    assert stopped(told) == "access_denied" and not told["found"]
    assert why(Api(people.alice), leave, person="bob")["found"]
    answer = Api(people.alice).post(
        "search/why", {"query": "x", "document_id": str(leave.pk), "person": "nobody"}
    )
    assert answer.status_code == 422


def test_readers_ask_for_themselves_alone(people, leave):
    bob = Api(people.bob)
    assert why(bob, leave)["found"]
    body = {"query": QUESTION, "document_id": str(leave.pk)}
    assert bob.post("search/why", {**body, "person": "charlie"}).status_code == 403
    assert Api(people.charlie).post("search/why", body).status_code == 404


def test_a_document_without_a_word_of_the_question_says_so(people, leave):
    cabinet_tune(people.cabinet, by=people.alice, values={"mode": "sparse"})
    assert stopped(why(Api(people.alice), leave, "Quantum chromodynamics")) == "legs_nothing"


def test_better_candidates_push_it_out_and_the_place_is_told(people, leave):
    for number in range(6):
        add_document(
            people.alice,
            people.root_folder,
            f"年休假几天{number}.txt",
            f"年休假几天？年休假几天，见第{number}条。",
        )
    cabinet_tune(
        people.cabinet,
        by=people.alice,
        values={"mode": "sparse", "rerank": False, "limit": 2, "candidates": 3},
    )
    told = why(Api(people.alice), leave)
    assert stopped(told) == "candidates_beyond"
    gate = next(gate for gate in told["gates"] if gate["name"] == "candidates")
    assert (gate["facts"]["rank"], gate["facts"]["candidates"]) == (7, 3)
    cabinet_tune(people.cabinet, by=people.alice, values={"mode": "sparse", "rerank": False, "limit": 2})
    told = why(Api(people.alice), leave)
    assert stopped(told) == "rank_below" and told["legs"][0]["rank"] == 7


def test_one_passage_of_a_document_is_asked_about(people, knowledge):
    both = add_document(people.alice, people.root_folder, "both.txt", "财务规定一。", LEAVE + HOTEL)
    first, second = both.chunks.order_by("index")
    told = why(Api(people.alice), both, "住宿标准", chunk_id=str(second.pk))
    assert told["found"] and told["chunk_id"] == str(second.pk)
    assert why(Api(people.alice), both, "住宿标准", chunk_id=str(first.pk))["rank"] != told["rank"]
    other = Document.objects.get(title="休假").chunks.get()
    body = {"query": "x", "document_id": str(both.pk), "chunk_id": str(other.pk)}
    assert Api(people.alice).post("search/why", body).status_code == 404


def test_a_first_reading_that_waits_needs_no_index(people, hints, rag):
    waiting = upload(people.alice, people.root_folder, "new.txt", "text")
    assert stopped(why(Api(people.alice), waiting)) == "index_queued"
