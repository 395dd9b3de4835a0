"""API keys: shown once, kept as a hash, scoped, and dead the moment they or their owner are."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiKey
from apps.accounts.services import api_key_create, api_key_revoke, user_set_active, user_update
from apps.core.problems import Problem
from tests.factories import ALL_SCOPES, Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(people) -> Client:
    client = Client()
    client.force_login(people.alice)
    return client


def send(client: Client, body: dict):
    return client.post("/api/v1/keys", json.dumps(body), content_type="application/json")


def test_the_secret_is_shown_once_and_kept_as_a_hash_only(browser):
    made = send(browser, {"name": "Script", "scopes": ["search", "chat"]}).json()
    secret = made["secret"]
    row = ApiKey.objects.get()
    assert row.hash == hashlib.sha256(secret.encode()).hexdigest()
    assert len(secret) >= 4 + 43, "256 random bits"
    assert secret not in json.dumps(list(ApiKey.objects.values()), default=str)
    (listed,) = browser.get("/api/v1/keys").json()
    assert "secret" not in listed
    assert "hash" not in listed
    assert (listed["name"], listed["prefix"], listed["scopes"]) == ("Script", secret[:12], ["chat", "search"])


def test_two_keys_are_never_alike(people):
    secrets = {api_key_create(by=None, user=people.alice, name="", scopes=["chat"])[1] for _ in range(50)}
    assert len(secrets) == 50


@pytest.mark.parametrize(
    ("scope", "opens"),
    [
        ("search", {"search", "cabinets"}),
        ("chat", {"conversations", "cabinets"}),
        ("documents:read", {"documents", "cabinets"}),
        ("documents:write", {"new cabinet"}),
        ("office", set()),
    ],
)
def test_a_key_opens_what_its_scopes_name_and_nothing_else(people, scope, opens):
    api = Api(people.alice, scope)
    answers = {
        "search": api.post("search", {"query": "x", "filters": {"a": 1}}),
        "cabinets": api.get("cabinets"),
        "documents": api.get("documents"),
        "conversations": api.get("conversations"),
        "new cabinet": api.post("cabinets", {"name": "New"}),
        "users": api.get("users"),
    }
    opened = {name for name, answer in answers.items() if answer.status_code != 403}
    assert opened == opens
    assert all(answer.status_code != 401 for answer in answers.values())


@pytest.mark.parametrize("scopes", [[], ["everything"], ["search", "root"]])
def test_scopes_that_do_not_exist_are_refused(browser, scopes):
    assert send(browser, {"scopes": scopes}).status_code == 422


@pytest.mark.parametrize("scope", ["admin", "impersonate"])
def test_only_an_administrator_makes_a_privileged_key(people, browser, scope):
    assert send(browser, {"scopes": [scope]}).status_code == 403
    assert api_key_create(by=people.root, user=people.root, name="", scopes=[scope])


def test_a_key_makes_no_keys_and_changes_no_profile(people):
    api = Api(people.alice, *ALL_SCOPES)
    assert api.post("keys", {"scopes": ["chat"]}).status_code == 403
    assert api.get("keys").status_code == 403
    assert api.patch("me", {"display_name": "X"}).status_code == 403


def dead_by_revocation(people, key: ApiKey) -> None:
    api_key_revoke(by=people.alice, key=key)


def dead_by_expiry(people, key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def dead_by_its_owner(people, key: ApiKey) -> None:
    user_set_active(by=people.root, user=people.alice, active=False)


@pytest.mark.parametrize("end", [dead_by_revocation, dead_by_expiry, dead_by_its_owner])
def test_a_dead_key_opens_nothing_from_the_next_call_on(people, end):
    api = Api(people.alice)
    assert api.get("cabinets").status_code == 200
    end(people, ApiKey.objects.get())
    assert api.get("cabinets").status_code == 401
    assert api.get("/v1/models").status_code == 401


def test_a_session_of_a_deactivated_person_opens_nothing(people, browser):
    assert browser.get("/api/v1/me").status_code == 200
    user_set_active(by=people.root, user=people.alice, active=False)
    assert browser.get("/api/v1/me").status_code == 401


def test_a_key_cannot_be_made_that_has_expired_already(browser):
    past = (timezone.now() - timedelta(days=1)).isoformat()
    assert send(browser, {"scopes": ["chat"], "expires_at": past}).status_code == 422
    made = send(browser, {"scopes": ["chat"], "expires_at": "2100-01-01T00:00:00"}).json()
    assert made["expires_at"].startswith("2100-01-01T00:00:00"), "a time without a zone is UTC"


def test_a_revoked_key_leaves_the_list_and_another_persons_cannot_be_revoked(people, browser):
    key = send(browser, {"scopes": ["chat"]}).json()
    other = api_key_create(by=None, user=people.bob, name="", scopes=["chat"])[0]
    assert browser.delete(f"/api/v1/keys/{other.pk}").status_code == 404
    assert browser.delete(f"/api/v1/keys/{key['id']}").status_code == 204
    assert browser.get("/api/v1/keys").json() == []
    assert browser.delete(f"/api/v1/keys/{key['id']}").status_code == 404


def test_the_authorization_header_is_the_only_place(people):
    _key, secret = api_key_create(by=None, user=people.alice, name="", scopes=ALL_SCOPES)
    client = Client()
    assert (
        client.get(f"/api/v1/cabinets?api_key={secret}&access_token={secret}&key={secret}").status_code == 401
    )
    for headers in (
        {"HTTP_X_API_KEY": secret},
        {"HTTP_AUTHORIZATION": secret},
        {"HTTP_AUTHORIZATION": f"Basic {secret}"},
        {"HTTP_AUTHORIZATION": f"Bearer {secret}x"},
        {"HTTP_AUTHORIZATION": f"Bearer {secret[:12]}"},
        {"HTTP_AUTHORIZATION": "Bearer "},
        {"HTTP_COOKIE": f"key={secret}"},
    ):
        assert client.get("/api/v1/cabinets", **headers).status_code == 401, headers
    assert client.get("/api/v1/cabinets", HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 200


def test_the_last_use_is_noted(people):
    api = Api(people.alice)
    assert ApiKey.objects.get().last_used_at is None
    api.get("me")
    assert ApiKey.objects.get().last_used_at is not None


class TestOnBehalfOf:
    def test_a_key_with_the_scope_acts_with_the_employees_rights(self, people):
        root = Api(people.root, *ALL_SCOPES, "impersonate")
        assert root.get("cabinets").json()["items"]
        assert root.get("me", HTTP_X_ON_BEHALF_OF="charlie").json()["username"] == "charlie"
        assert root.get("cabinets", HTTP_X_ON_BEHALF_OF="charlie").json()["items"] == []
        address = f"cabinets/{people.cabinet.pk}"
        assert root.get(address, HTTP_X_ON_BEHALF_OF="charlie").status_code == 404
        assert root.get(address, HTTP_X_ON_BEHALF_OF="bob").json()["role"] == "viewer"

    def test_it_never_widens_the_scopes_of_the_key(self, people):
        root = Api(people.root, "documents:read", "impersonate")
        assert root.post("cabinets", {"name": "x"}, HTTP_X_ON_BEHALF_OF="alice").status_code == 403
        admin = Api(people.root, "admin", "impersonate")
        assert admin.get("users", HTTP_X_ON_BEHALF_OF="bob").status_code == 403

    def test_without_the_scope_it_is_refused(self, people):
        for person in (people.alice, people.root):
            answer = Api(person, *ALL_SCOPES).get("cabinets", HTTP_X_ON_BEHALF_OF="bob")
            assert answer.status_code == 403

    @pytest.mark.parametrize("name", ["nobody", "Bob", "bob "])
    def test_for_nobody_it_is_refused(self, people, name):
        root = Api(people.root, *ALL_SCOPES, "impersonate")
        assert root.get("cabinets", HTTP_X_ON_BEHALF_OF=name).status_code == 422

    def test_for_a_deactivated_person_it_is_refused(self, people):
        root = Api(people.root, *ALL_SCOPES, "impersonate")
        user_set_active(by=people.root, user=people.bob, active=False)
        assert root.get("cabinets", HTTP_X_ON_BEHALF_OF="bob").status_code == 422

    def test_an_owner_who_is_no_administrator_any_more_loses_it(self, people):
        second = people.alice
        user_update(by=people.root, user=second, is_administrator=True)
        api = Api(second, *ALL_SCOPES, "impersonate")
        assert api.get("me", HTTP_X_ON_BEHALF_OF="charlie").status_code == 200
        user_update(by=people.root, user=second, is_administrator=False)
        assert api.get("me", HTTP_X_ON_BEHALF_OF="charlie").status_code == 403
        assert api.get("cabinets").status_code == 200

    def test_a_browser_session_acts_for_nobody_else(self, people, browser):
        answer = browser.get("/api/v1/me", HTTP_X_ON_BEHALF_OF="bob")
        assert answer.json()["username"] == "alice"


class TestCommand:
    def test_it_prints_the_secret_once(self, people, capsys):
        call_command("create_api_key", "--user", "alice", "--scopes", "search,chat", "documents:read")
        secret = capsys.readouterr().out.strip()
        assert Client().get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {secret}").json()["username"] == "alice"
        assert ApiKey.objects.get().scopes == ["chat", "documents:read", "search"]

    @pytest.mark.parametrize(
        "options", [("--user", "nobody", "--scopes", "chat"), ("--user", "alice", "--scopes", "x")]
    )
    def test_it_says_what_is_wrong(self, people, options):
        with pytest.raises(CommandError):
            call_command("create_api_key", *options)
        assert not ApiKey.objects.exists()


def test_a_service_refuses_the_same(people):
    with pytest.raises(Problem):
        api_key_create(by=people.bob, user=people.bob, name="x", scopes=["admin"])
