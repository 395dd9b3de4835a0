"""The table of all cabinets, for administrators alone."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.departments import department_ensure
from apps.cabinets.models import Cabinet, Document, Grant
from apps.cabinets.selectors_overview import cabinets_overview
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.folders import folder_create
from apps.cabinets.services.grants import folder_set_inherits, grants_set
from tests.factories import upload

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client


def test_each_cabinet_with_what_it_holds_and_who_manages_it(people, hints):
    inner = folder_create(by=people.alice, parent=people.root_folder, name="Apart")
    upload(people.alice, people.root_folder, "a.txt", "12345")
    Document.objects.filter(pk=upload(people.alice, inner, "b.txt", "123").pk).update(status="failed")
    folder_set_inherits(inner, by=people.alice, inherits=False, keep=False)
    department_ensure("Legal")
    entries = [("user:alice", "manager"), ("department:Legal", "manager"), ("user:bob", "viewer")]
    grants_set(by=people.alice, cabinet=people.cabinet, entries=entries)
    [row] = cabinets_overview()
    assert (row.holding, row.bytes, row.failed, row.given, row.cut) == (2, 8, 1, 3, 1)
    assert {grant.subject for grant in row.managing} == {"user:alice", "department:Legal"}
    page = signed_in(people.root).get("/cabinets/all/").content.decode()
    assert "Alice" in page
    assert "Legal" in page


def test_one_that_nobody_manages_shows_and_what_is_personal_or_gone_does_not(
    people, django_assert_num_queries
):
    Grant.objects.all().delete()
    Cabinet.objects.create(name="Attached", slug="x", personal=True)
    for number in range(5):
        cabinet_create(by=people.alice, name=f"More {number}")
    with django_assert_num_queries(2):
        assert len(cabinets_overview()) == 6
    page = signed_in(people.root).get("/cabinets/all/").content.decode()
    assert page.count("nobody but administrators") == 1
    assert "Attached" not in page
    found = signed_in(people.root).get("/cabinets/all/", {"q": "more 3\0"}).content.decode()
    assert ("More 3" in found, "More 4" in found) == (True, False)


def test_nobody_else_reaches_it(people):
    assert signed_in(people.alice).get("/cabinets/all/").status_code == 403
    assert Client().get("/cabinets/all/").status_code == 302
