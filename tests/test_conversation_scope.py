"""What a conversation searches: places chosen together, remembered, within the rights of each moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.cabinets.models import Document
from apps.cabinets.scoping import Choice, scope_of
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.folders import folder_create
from apps.cabinets.services.grants import grants_set
from tests.chatting import Asker, add_document
from tests.factories import Api, People


@pytest.fixture
def shelves(people: People, rag, hints):
    """Two cabinets of alice's: Rules (travel, leave in a folder) and Prices."""
    people.leave = folder_create(by=people.alice, parent=people.root_folder, name="Leave")
    people.prices = cabinet_create(by=people.alice, name="Prices")
    add_document(people.alice, people.root_folder, "travel.txt", "The limit of travel is 400 yuan.")
    add_document(people.alice, people.leave, "leave.txt", "The limit of leave is ten days.")
    add_document(people.alice, people.prices.folders.get(), "rooms.txt", "The limit of rooms is 90 yuan.")
    add_document(people.alice, people.prices.folders.get(), "food.txt", "The limit of food is 30 yuan.")
    return people


def found(user, **choice) -> set[str]:
    from apps.cabinets.searching import search_scope
    from apps.rag.retrieval import RetrievalOptions

    scope = scope_of(user, Choice(**choice))
    result = search_scope(user, "What is the limit?", scope, options=RetrievalOptions(diversify=False))
    return {passage.chunk.title for passage in result.passages}


def document(title: str) -> Document:
    return Document.objects.get(title=title)


@pytest.mark.django_db(transaction=True)
def test_chosen_places_are_searched_together(shelves):
    alice = shelves.alice
    assert found(alice) == {"travel", "leave", "rooms", "food"}
    assert found(alice, cabinet_ids=[shelves.prices.pk]) == {"rooms", "food"}
    assert found(alice, folder_ids=[shelves.leave.pk]) == {"leave"}
    assert found(alice, cabinet_ids=[shelves.prices.pk], folder_ids=[shelves.leave.pk]) == {
        "rooms",
        "food",
        "leave",
    }
    assert found(alice, document_ids=[document("food").pk]) == {"food"}
    assert found(alice, document_ids=[document("food").pk], folder_ids=[shelves.leave.pk]) == {
        "food",
        "leave",
    }


@pytest.mark.django_db(transaction=True)
def test_a_choice_never_reaches_beyond_the_rights_of_the_person(shelves):
    bob = shelves.bob  # reads Rules alone
    assert found(bob, cabinet_ids=[shelves.prices.pk]) == set()
    assert found(bob, folder_ids=[shelves.prices.folders.get().pk]) == set()
    assert found(bob, document_ids=[document("food").pk]) == set()
    assert found(bob, document_ids=[document("food").pk], cabinet_ids=[shelves.cabinet.pk]) == {
        "travel",
        "leave",
    }
    assert found(shelves.charlie) == set()


@pytest.mark.django_db(transaction=True)
def test_what_is_repealed_is_searched_only_when_it_is_named_or_as_of_its_day(shelves):
    today = timezone.localdate()
    Document.objects.filter(title="food").update(repealed_on=today - timedelta(days=3))
    alice, food = shelves.alice, document("food").pk
    assert "food" not in found(alice) and "food" not in found(alice, cabinet_ids=[shelves.prices.pk])
    assert found(alice, document_ids=[food]) == {"food"}
    assert found(alice, document_ids=[food], as_of=today) == set()
    assert "food" in found(alice, as_of=today - timedelta(days=9))
    both = found(alice, document_ids=[document("leave").pk], cabinet_ids=[shelves.prices.pk])
    assert both == {"leave", "rooms"}


@pytest.mark.django_db(transaction=True)
def test_the_choice_is_remembered_and_asked_for_rights_again(live, shelves, model):
    alice = Asker(live, shelves.alice)
    scope = {"folder_ids": [str(shelves.leave.pk)], "as_of": timezone.localdate().isoformat()}
    conversation = alice.conversation()
    first = dict(alice.ask("What is the limit?", conversation=conversation, scope=scope))["sources"]["items"]
    assert {item["title"] for item in first} == {"leave"}
    kept = alice.http.get(f"/api/v1/conversations/{conversation}").json()["scope"]
    assert kept == {"cabinet_ids": [], "document_ids": [], **scope}
    again = dict(alice.ask("And the limit?", conversation=conversation))["sources"]["items"]
    assert {item["title"] for item in again} == {"leave"}
    none = dict(alice.ask("The limit?", conversation=conversation, document_ids=[]))["sources"]["items"]
    assert none == []


@pytest.mark.django_db
def test_a_place_of_others_is_not_there(people: People):
    secret = cabinet_create(by=people.charlie, name="Elsewhere")
    alice = Api(people.alice)
    for scope in ({"cabinet_ids": [str(secret.pk)]}, {"folder_ids": [str(secret.folders.get().pk)]}):
        assert alice.post("conversations", {"scope": scope}).status_code == 404


@pytest.mark.django_db
def test_places_are_found_by_name_within_ones_rights(people: People, hints):
    folder_create(by=people.alice, parent=people.root_folder, name="Travel rules")
    cabinet_create(by=people.charlie, name="Rules of charlie")
    found_ = Api(people.bob).get("places", {"q": "rules"}).json()
    assert [row["name"] for row in found_["cabinets"]] == ["Rules"]
    assert [(row["name"], row["where"]) for row in found_["folders"]] == [("Travel rules", "Rules")]
    grants_set(by=people.alice, cabinet=people.cabinet, entries=[("user:alice", "manager")])
    assert Api(people.bob).get("places", {"q": "rules"}).json() == {
        "cabinets": [],
        "folders": [],
        "documents": [],
    }
