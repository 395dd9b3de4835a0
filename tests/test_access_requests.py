"""Asking for access: it tells nothing about what exists, goes to the managers, and is decided once."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from apps.accounts.models import AuditEvent
from apps.cabinets import access
from apps.cabinets.models import AccessRequest
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.documents import document_classify
from apps.cabinets.services.folders import folder_create
from tests.factories import Api, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(people, hints):
    folder = folder_create(by=people.alice, parent=people.root_folder, name="a")
    return upload(people.alice, folder, "rules.txt", "Ask before you buy.")


def ask(caller: Api, target: object, **body) -> dict:
    answer = caller.post("access-requests", {"target": target, **body})
    assert answer.status_code == 202, answer.content
    return answer.json()


def test_the_answer_is_the_same_whether_there_is_such_a_thing_or_not(people, document):
    charlie = Api(people.charlie)
    real, unreal = ask(charlie, document.pk), ask(charlie, uuid4())
    assert real.keys() == unreal.keys()
    assert {key: real[key] for key in ("role", "reason", "state")} == {
        key: unreal[key] for key in ("role", "reason", "state")
    }
    assert len(charlie.get("access-requests/mine").json()["items"]) == 2
    assert ask(charlie, document.pk)["id"] == real["id"]


def test_the_manager_approves_with_one_call_and_it_holds_for_that_folder_alone(people, document):
    beside = upload(people.alice, people.root_folder, "other.txt", "other")
    asked = ask(Api(people.charlie), document.pk, role="contributor", reason="for the report")
    alice = Api(people.alice)
    [item] = alice.get("access-requests").json()["items"]
    assert (item["username"], item["folder"], item["title"], item["cleared"]) == (
        "charlie",
        "a",
        "rules",
        True,
    )
    assert alice.post(f"access-requests/{asked['id']}/approve").json()["state"] == "approved"
    assert access.role_in(people.charlie, document.folder) == "contributor"
    assert not access.visible_documents(people.charlie).filter(pk=beside.pk).exists()
    assert alice.post(f"access-requests/{asked['id']}/refuse").status_code == 409
    assert alice.get("access-requests").json()["items"] == []
    actions = set(AuditEvent.objects.filter(actor=people.alice).values_list("action", flat=True))
    assert {"access.approve", "grants.add"} <= actions


def test_refusing_gives_nothing_and_one_may_ask_again(people, document):
    asked = ask(Api(people.charlie), document.pk)
    assert Api(people.alice).post(f"access-requests/{asked['id']}/refuse").status_code == 200
    assert not access.visible_documents(people.charlie).exists()
    assert ask(Api(people.charlie), document.pk)["id"] != asked["id"]


def test_only_managers_of_that_cabinet_see_and_decide(people, document):
    asked = ask(Api(people.charlie), document.pk)
    cabinet_create(by=people.charlie, name="Of Charlie")
    for caller in (Api(people.bob), Api(people.charlie)):
        assert caller.get("access-requests").json()["items"] == []
        assert caller.post(f"access-requests/{asked['id']}/approve").status_code == 404
    assert AccessRequest.objects.get().state == "open"


def test_a_level_above_the_clearance_is_said_before_deciding(people, document):
    document_classify(document, by=people.root, secrecy=2)
    ask(Api(people.charlie), document.pk)
    assert Api(people.root).get("access-requests").json()["items"][0]["cleared"] is False


def test_nobody_floods_the_managers(people):
    charlie = Api(people.charlie)
    for _number in range(20):
        ask(charlie, uuid4())
    assert charlie.post("access-requests", {"target": str(uuid4())}).status_code == 429


def test_the_page_that_says_not_found_offers_to_ask(people, document):
    client = Client()
    client.force_login(people.charlie)
    for address in (f"/documents/{document.pk}/", f"/documents/{uuid4()}/"):
        page = client.get(address)
        assert page.status_code == 404
        assert "POST /api/v1/access-requests" in page.content.decode()
    ask(Api(people.charlie), document.pk, reason="for the report")
    assert "for the report" in client.get("/requests/").content.decode()
    client.force_login(people.alice)
    assert 'data-decide="approve"' in client.get("/requests/").content.decode()
    assert "POST /api/v1/access-requests" not in Client().get("/nowhere/").content.decode()


def test_the_own_page_names_what_may_be_seen_by_now_and_nothing_else(people, document):
    asked = ask(Api(people.charlie), document.pk, reason="for the report")
    client = Client()
    client.force_login(people.charlie)
    page = client.get("/requests/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Something you may not see yet" in page and "“for the report”" in page
    assert f'href="/documents/{document.pk}/"' not in page
    Api(people.alice).post(f"access-requests/{asked['id']}/approve")
    page = client.get("/requests/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert f'<a href="/documents/{document.pk}/">rules</a>' in page


def test_the_trail_says_what_was_asked_for_in_words(people, document):
    ask(Api(people.charlie), document.pk)
    assert AuditEvent.objects.get(action="access.request").target_name == "Rules / a / rules"
    ask(Api(people.charlie), missing := uuid4())
    assert AuditEvent.objects.filter(action="access.request", target_name=str(missing)).exists()
