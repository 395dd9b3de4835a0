"""People and health: for administrators alone."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.departments import department_ensure
from tests.factories import make_user
from tests.test_cabinet_pages import page_of


@pytest.mark.parametrize("address", ["/people/", "/health/"])
def test_only_administrators_enter(people, address):
    assert Client().get(address).status_code == 302
    assert page_of(people.alice).get(address).status_code == 403


def test_everybody_is_listed_with_departments_and_state(people):
    people.bob.departments.add(department_ensure("Finance"))
    people.charlie.is_active = False
    people.charlie.save()
    content = page_of(people.root).get("/people/").content.decode()
    for word in ("Alice", "Finance", "Deactivated", "Administrator"):
        assert word in content


def test_a_search_finds_by_either_name_and_says_when_nobody_is_called_so(people):
    people.bob.display_name = "Harris"
    people.bob.save()
    browser = page_of(people.root)
    assert [person.username for person in browser.get("/people/?q=harr").context["shown"]] == ["bob"]
    assert "Nobody found" in browser.get("/people/?q=<zzz>").content.decode()


def test_the_list_is_bounded(people):
    for number in range(60):
        make_user(f"person{number:02}")
    shown = page_of(people.root).get("/people/").context["shown"]
    assert (len(shown.object_list), shown.paginator.count) == (50, 64)


def test_health_says_for_each_part_whether_it_answers_and_what_to_do(people, settings):
    settings.HEALTH_PROBES = {"store": "tests.test_people_page.broken_probe"}
    content = page_of(people.root).get("/health/").content.decode()
    assert "Something does not answer" in content
    assert "OSError: no route" in content
    assert "Check QDRANT_URL and the disk." in content
    assert "Database" in content


def broken_probe() -> str:
    raise OSError("no route")
