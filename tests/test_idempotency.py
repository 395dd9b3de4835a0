"""The second POST with an Idempotency-Key gets the first one's answer and has no effect."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiKey
from apps.accounts.services import api_key_revoke
from apps.cabinets import access
from apps.cabinets.models import Cabinet, Document
from apps.core.models import IdempotencyRecord
from tests.factories import Api

pytestmark = pytest.mark.django_db
KEY = {"HTTP_IDEMPOTENCY_KEY": "order-1"}


@pytest.fixture
def alice(people) -> Api:
    return Api(people.alice)


def made() -> int:
    return Cabinet.objects.filter(name="New").count()


def test_the_same_call_again_is_answered_and_not_done(alice):
    first = alice.post("cabinets", {"name": "New"}, **KEY)
    again = alice.post("cabinets", {"name": "New"}, **KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"]
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert made() == 1


def test_without_a_key_or_with_another_one_it_is_done_again(alice):
    alice.post("cabinets", {"name": "New"}, **KEY)
    alice.post("cabinets", {"name": "New"})
    alice.post("cabinets", {"name": "New"}, HTTP_IDEMPOTENCY_KEY="order-2")
    assert made() == 3


def test_a_final_refusal_is_repeated_too(alice):
    first = alice.post("cabinets", {"name": ""}, **KEY)
    again = alice.post("cabinets", {"name": ""}, **KEY)
    assert (first.status_code, again.status_code) == (422, 422)
    assert again.content == first.content


def test_uploads_are_repeated(people, alice, hints):
    alice.headers |= KEY
    first, again = (alice.upload(("a.txt", "text"), cabinet_id=people.cabinet.pk) for _ in range(2))
    assert (first.status_code, again["Idempotent-Replayed"]) == (202, "true")
    assert again.json() == first.json()
    assert Document.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("cabinets", {"name": "Other"}), ("search", {"name": "New"}), ("cabinets?x=1", {"name": "New"})],
)
def test_a_key_used_for_another_call_is_refused(alice, path, body):
    alice.post("cabinets", {"name": "New"}, **KEY)
    answer = alice.post(path, body, **KEY)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:askive:problem:idempotency")
    assert Cabinet.objects.filter(name="Other").count() == 0


def test_a_key_belongs_to_its_caller(people, alice):
    alice.post("cabinets", {"name": "New"}, **KEY)
    bob = Api(people.bob).post("cabinets", {"name": "New"}, **KEY)
    assert (bob.status_code, made()) == (201, 2)
    second_key_of_alice = Api(people.alice).post("cabinets", {"name": "New"}, **KEY)
    assert (second_key_of_alice.status_code, made()) == (201, 3)


def test_one_key_on_behalf_of_two_people_is_two_callers(people):
    root = Api(people.root, "documents:write", "impersonate")
    names = {}
    for person in ("alice", "bob"):
        answer = root.post("cabinets", {"name": "New"}, **KEY, HTTP_X_ON_BEHALF_OF=person)
        names[person] = answer.json()["id"]
    assert names["alice"] != names["bob"]
    assert access.cabinets_for(people.bob).filter(pk=names["bob"]).exists()
    assert not access.cabinets_for(people.bob).filter(pk=names["alice"]).exists()


def test_a_revoked_key_gets_no_old_answers(people, alice):
    assert alice.post("cabinets", {"name": "New"}, **KEY).status_code == 201
    api_key_revoke(by=people.alice, key=ApiKey.objects.get())
    assert alice.post("cabinets", {"name": "New"}, **KEY).status_code == 401


def test_while_the_first_call_is_being_answered_the_second_waits(alice):
    alice.post("cabinets", {"name": "New"}, **KEY)
    IdempotencyRecord.objects.update(status=0)
    answer = alice.post("cabinets", {"name": "New"}, **KEY)
    assert (answer.status_code, answer["Retry-After"]) == (409, "2")


def test_a_call_whose_process_died_does_not_block_its_key_for_a_day(alice):
    alice.post("cabinets", {"name": "New"}, **KEY)
    IdempotencyRecord.objects.update(status=0, created_at=timezone.now() - timedelta(minutes=16))
    assert alice.post("cabinets", {"name": "New"}, **KEY).status_code == 201


def test_after_a_day_the_key_is_free_again(alice):
    alice.post("cabinets", {"name": "New"}, **KEY)
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert alice.post("cabinets", {"name": "New"}, **KEY).status_code == 201
    assert made() == 2


def test_a_fault_of_ours_is_not_kept(alice, monkeypatch):
    from apps.cabinets.services import cabinets

    def fault(**options):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(cabinets, "cabinet_create", fault)
        assert alice.post("cabinets", {"name": "New"}, **KEY).status_code == 500
    assert alice.post("cabinets", {"name": "New"}, **KEY).status_code == 201


def test_the_secret_of_a_new_key_is_not_kept_for_a_repetition(people):
    client = Client()
    client.force_login(people.alice)
    body = json.dumps({"scopes": ["chat"]})
    answer = client.post("/api/v1/keys", body, content_type="application/json", **KEY)
    assert answer.json()["secret"].startswith("ask_")
    assert answer["Cache-Control"] == "no-store"
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_a_length(alice, key):
    assert alice.post("cabinets", {"name": "New"}, HTTP_IDEMPOTENCY_KEY=key).status_code == 422


def test_nobody_leaves_no_trace(db):
    assert Api().post("cabinets", {"name": "New"}, **KEY).status_code == 401
    assert not IdempotencyRecord.objects.exists()
