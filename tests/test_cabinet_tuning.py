"""How a cabinet is searched: settings that search and answers obey, and the rule where several are searched."""

from __future__ import annotations

import pytest

from apps.accounts.models import AuditEvent
from apps.cabinets import access, tuning
from apps.cabinets.models import Cabinet, Grant
from apps.cabinets.searching import search
from apps.cabinets.selectors import search_scope
from apps.cabinets.services.cabinets import cabinet_create, cabinet_tune
from apps.cabinets.services.folders import folder_create
from apps.cabinets.services.grants import grants_set
from apps.chat.asking import ask_once
from apps.chat.sourcing import find_sources
from apps.core.problems import Problem
from apps.rag.retrieval import RetrievalOptions
from tests.chatting import add_document

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(people) -> tuple[Cabinet, Cabinet]:
    return people.cabinet, cabinet_create(by=people.alice, name="Second")


def options(user, **asked) -> RetrievalOptions:
    return tuning.options_for(search_scope(user), asked=asked)


def test_without_settings_the_defaults_count(people, two):
    assert options(people.alice) == RetrievalOptions()
    assert tuning.options_for(search_scope(people.charlie)) == RetrievalOptions()


def test_one_cabinet_is_searched_as_it_is_set(people, two):
    cabinet_tune(people.cabinet, by=people.alice, values={"mode": "sparse", "limit": 3, "rerank": False})
    scope = search_scope(people.alice, cabinet_ids=[people.cabinet.pk])
    found = tuning.options_for(scope)
    assert (found.mode, found.limit, found.rerank, found.candidates) == ("sparse", 3, False, 50)


def test_of_several_each_parameter_counts_on_which_all_agree(people, two):
    first, second = two
    cabinet_tune(first, by=people.alice, values={"mode": "sparse", "limit": 3, "candidates": 80})
    assert options(people.alice) == RetrievalOptions(), "one that was never set has the defaults"
    cabinet_tune(second, by=people.alice, values={"mode": "sparse", "limit": 5, "candidates": 80})
    found = options(people.alice)
    assert (found.mode, found.candidates, found.limit) == ("sparse", 80, RetrievalOptions().limit)


def test_what_the_caller_names_counts_before_all_settings(people, two):
    for cabinet in two:
        cabinet_tune(cabinet, by=people.alice, values={"mode": "sparse", "candidates": 10})
    found = options(people.alice, mode="dense", limit=30)
    assert (found.mode, found.limit) == ("dense", 30)
    assert found.candidates == 30, "never fewer than the passages that are wanted"


def test_a_person_with_one_folder_gets_the_settings_of_its_cabinet(people, two):
    cabinet_tune(people.cabinet, by=people.alice, values={"limit": 4})
    part = folder_create(by=people.alice, parent=people.root_folder, name="Part")
    grants_set(by=people.alice, cabinet=people.cabinet, folder=part, entries=[("user:charlie", "viewer")])
    assert options(people.charlie).limit == 4
    document = [people.cabinet.pk]
    assert tuning.options_for(search_scope(people.charlie, cabinet_ids=document)).limit == 4


def test_search_and_answers_read_as_many_passages_as_the_cabinet_says(people, hints, rag):
    for number in range(5):
        add_document(
            people.alice, people.root_folder, f"{number}.txt", f"Rule {number} on travel and hotels."
        )
    cabinet_tune(people.cabinet, by=people.alice, values={"limit": 2})
    assert len(search(people.bob, "travel hotels").passages) == 2
    ask = ask_once(people.bob, content="travel hotels", history=[], cabinet_ids=[people.cabinet.pk])
    assert len(find_sources(ask).sources) == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"mode": "magic"}, "mode"),
        ({"limit": 0}, "limit"),
        ({"limit": 51}, "limit"),
        ({"limit": 20, "candidates": 19}, "candidates"),
        ({"candidates": 101}, "candidates"),
        ({"dense_weight": 1.1}, "dense_weight"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_settings_that_mean_nothing_are_refused_and_the_old_ones_stay(people, values, field):
    cabinet_tune(people.cabinet, by=people.alice, values={"limit": 4})
    with pytest.raises(Problem) as refused:
        cabinet_tune(people.cabinet, by=people.alice, values=values)
    assert refused.value.errors[0]["field"] == field
    people.cabinet.refresh_from_db()
    assert people.cabinet.retrieval == {"limit": 4}


def test_a_change_is_audited_with_what_was_before(people):
    cabinet_tune(people.cabinet, by=people.alice, values={"limit": 4})
    cabinet_tune(people.cabinet, by=people.alice, values={"limit": 8, "rerank": False})
    newest = AuditEvent.objects.filter(action="cabinet.retrieval").first()
    assert newest.detail == {"before": {"limit": 4}, "after": {"rerank": False}}, "defaults are not kept"


def test_the_managed_cabinets_are_those_that_the_gate_would_open(people, two):
    folder = people.root_folder
    Grant.objects.create(cabinet=people.cabinet, folder=folder, user=people.bob, role="manager")
    for user in (people.alice, people.bob, people.charlie, people.root):
        listed = set(access.managed_cabinets_for(user))
        for cabinet in two:
            try:
                access.managed_cabinet_for(user, cabinet.pk)
                opens = True
            except Exception:
                opens = False
            assert (cabinet in listed) is opens, (user, cabinet)
