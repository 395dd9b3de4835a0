"""Keys restricted to cabinets, and keys that get a new secret."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiKey, AuditEvent
from apps.accounts.services import api_key_create
from apps.cabinets.services.cabinets import cabinet_create
from apps.chat.models import Conversation
from tests.factories import ALL_SCOPES, Api, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(people):
    return cabinet_create(by=people.alice, name="Other")


def restricted(user, *cabinets, scopes=ALL_SCOPES) -> Api:
    _key, secret = api_key_create(
        by=user, user=user, name="", scopes=scopes, cabinet_ids=[one.pk for one in cabinets]
    )
    return Api(HTTP_AUTHORIZATION=f"Bearer {secret}")


def test_a_restricted_key_sees_its_cabinets_alone(people, other, hints):
    inside = upload(people.alice, people.root_folder, "in.txt", "in")
    outside = upload(people.alice, other.folders.get(), "out.txt", "out")
    for person in (people.alice, people.root):
        api = restricted(person, people.cabinet)
        assert [one["name"] for one in api.get("cabinets").json()["items"]] == ["Rules"]
        assert [one["filename"] for one in api.get("documents").json()["items"]] == ["in.txt"]
        assert api.get(f"documents/{inside.pk}").status_code == 200
        assert api.get(f"documents/{outside.pk}").status_code == 404
        assert api.get(f"cabinets/{other.pk}").status_code == 404
        assert api.upload(("x.txt", "x"), cabinet_id=other.pk).status_code == 404
        assert api.delete(f"documents/{outside.pk}").status_code == 404


def test_it_never_gives_what_the_owner_does_not_have(people, other):
    api = restricted(people.bob, other)
    assert api.get("cabinets").json()["items"] == []
    assert api.get(f"cabinets/{other.pk}").status_code == 404


def test_it_makes_no_new_cabinet_and_attaches_nothing(people, other):
    api = restricted(people.alice, other)
    assert api.post("cabinets", {"name": "Third"}).status_code == 403
    mine = api.post("conversations", {}).json()["id"]
    assert api.upload(("x.txt", "x"), to=f"conversations/{mine}/attachments").status_code == 403


def test_conversations_that_it_did_not_begin_are_not_there(people, other):
    wide = Conversation.objects.create(user=people.alice, title="All I know")
    api = restricted(people.alice, other)
    mine = api.post("conversations", {"title": "Mine"}).json()["id"]
    assert [one["id"] for one in api.get("conversations").json()["items"]] == [mine]
    assert api.get(f"conversations/{wide.pk}").status_code == 404
    assert api.get(f"conversations/{mine}").status_code == 200
    assert len(Api(people.alice).get("conversations").json()["items"]) == 2, "an open key sees both"


def test_a_restriction_holds_for_whom_the_key_acts(people, other):
    api = restricted(people.root, other, scopes=[*ALL_SCOPES, "impersonate"])
    assert api.get("cabinets", HTTP_X_ON_BEHALF_OF="bob").json()["items"] == []
    named = api.get("cabinets", HTTP_X_ON_BEHALF_OF="alice").json()["items"]
    assert [one["name"] for one in named] == ["Other"]


@pytest.fixture
def browser(people) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(people.root)
    return client


def send(client: Client, path: str, body: dict):
    return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def test_a_key_that_administers_cannot_be_restricted(browser, other):
    answer = send(browser, "keys", {"scopes": ["admin"], "cabinet_ids": [str(other.pk)]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cabinet_ids"


@pytest.mark.parametrize("given", ["all", ["x"], [None], {"a": 1}, ["../"]])
def test_what_is_no_list_of_ids_is_refused(browser, given):
    assert send(browser, "keys", {"scopes": ["chat"], "cabinet_ids": given}).status_code == 422
    assert not ApiKey.objects.exists()


class TestRotation:
    def test_both_secrets_work_until_the_grace_is_over(self, browser):
        made = send(browser, "keys", {"scopes": ["chat"]}).json()
        renewed = send(browser, f"keys/{made['id']}/rotate", {"grace_hours": 1}).json()
        assert renewed["id"] == made["id"]
        assert renewed["secret"] != made["secret"]
        old, new = (Api(HTTP_AUTHORIZATION=f"Bearer {one['secret']}") for one in (made, renewed))
        assert (old.get("me").status_code, new.get("me").status_code) == (200, 200)
        ApiKey.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
        assert (old.get("me").status_code, new.get("me").status_code) == (401, 200)

    def test_without_grace_the_old_one_ends_at_once(self, browser):
        made = send(browser, "keys", {"scopes": ["chat"]}).json()
        send(browser, f"keys/{made['id']}/rotate", {"grace_hours": 0})
        assert Api(HTTP_AUTHORIZATION=f"Bearer {made['secret']}").get("me").status_code == 401

    def test_the_second_rotation_ends_the_first_secret(self, browser):
        made = send(browser, "keys", {"scopes": ["chat"]}).json()
        for _time in range(2):
            send(browser, f"keys/{made['id']}/rotate", {})
        assert Api(HTTP_AUTHORIZATION=f"Bearer {made['secret']}").get("me").status_code == 401

    @pytest.mark.parametrize("hours", [-1, 169, "much"])
    def test_a_grace_that_is_none_is_refused(self, browser, hours):
        made = send(browser, "keys", {"scopes": ["chat"]}).json()
        assert send(browser, f"keys/{made['id']}/rotate", {"grace_hours": hours}).status_code == 422

    def test_it_is_audited_and_not_kept_for_repeating(self, browser):
        made = send(browser, "keys", {"scopes": ["chat"]}).json()
        answer = send(browser, f"keys/{made['id']}/rotate", {})
        assert "no-store" in answer["Cache-Control"]
        assert AuditEvent.objects.filter(action="key.rotate").count() == 1
