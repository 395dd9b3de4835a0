"""Limits of people, departments and keys: what is counted, who is refused, and what is told of it."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client

from apps.accounts import limits
from apps.accounts.departments import department_ensure
from apps.accounts.models import AuditEvent, Consumption, Quota
from apps.accounts.services import api_key_create
from apps.assistants.usage import usage_add
from apps.core.problems import Problem
from tests.factories import ALL_SCOPES, Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(people) -> Api:
    return Api(people.root, "admin")


def limit(admin: Api, subject: str = "everyone", **values: int):
    answer = admin.put("quotas", {"subject": subject, **values})
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.fixture
def steady_minute(monkeypatch):
    """Requests of one test fall into one minute."""
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_010.0)


def test_requests_of_a_minute_are_counted_for_each_person(people, admin, steady_minute):
    limit(admin, requests_per_minute=2)
    alice, bob = Api(people.alice), Api(people.bob)
    assert [alice.get("me").status_code for _time in range(3)] == [200, 200, 429]
    assert bob.get("me").status_code == 200
    refused = alice.get("me")
    assert refused["Retry-After"] == "50"
    assert refused.json()["type"] == "urn:askive:problem:rate"


def test_a_second_key_and_the_browser_do_not_widen_a_persons_limit(people, admin, steady_minute):
    limit(admin, "user:alice", requests_per_minute=2)
    browser = Client()
    browser.force_login(people.alice)
    answers = [Api(people.alice).get("me"), browser.get("/api/v1/me"), Api(people.alice).get("me")]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_a_key_has_its_own_limit_beside_the_persons(people, admin, steady_minute):
    key, secret = api_key_create(by=None, user=people.alice, name="", scopes=ALL_SCOPES)
    limit(admin, f"key:{key.pk}", requests_per_minute=1)
    narrow, wide = Api(HTTP_AUTHORIZATION=f"Bearer {secret}"), Api(people.alice)
    assert [narrow.get("me").status_code for _time in range(2)] == [200, 429]
    assert wide.get("me").status_code == 200


def test_a_department_shares_its_limit_with_all_below_it(people, admin, steady_minute):
    people.alice.departments.add(department_ensure("Head office"))
    people.bob.departments.add(department_ensure("Head office/Finance"))
    limit(admin, "department:Head office", requests_per_minute=2)
    who = (people.alice, people.bob, people.alice, people.charlie)
    assert [Api(person).get("me").status_code for person in who] == [200, 200, 429, 200]


def test_ones_own_row_stands_instead_of_the_default(people, admin, steady_minute):
    limit(admin, "user:alice", requests_per_minute=5)
    limit(admin, requests_per_minute=1)
    assert [Api(people.alice).get("me").status_code for _time in range(2)] == [200, 200]
    assert [Api(people.bob).get("me").status_code for _time in range(2)] == [200, 429]


def test_a_limit_taken_away_holds_no_longer_from_the_next_request_on(people, admin, steady_minute):
    row = limit(admin, "user:bob", requests_per_minute=1)
    assert [Api(people.bob).get("me").status_code for _time in range(2)] == [200, 429]
    assert admin.delete(f"quotas/{row['id']}").status_code == 204
    assert Api(people.bob).get("me").status_code == 200
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {"quota.set", "quota.delete"}


def test_tokens_of_the_day_end_asking_until_midnight(people, admin):
    limit(admin, tokens_per_day=100)
    limits.require_tokens(people.alice)
    usage_add(people.alice, kind="chat", model="m", prompt_tokens=90, completion_tokens=10)
    with pytest.raises(Problem) as refused:
        limits.require_tokens(people.alice)
    assert (refused.value.status, refused.value.code) == (429, "quota")
    assert 0 < refused.value.retry_after <= 24 * 3600
    limits.require_tokens(people.bob)
    for path in ("/v1/embeddings", "/v1/rerank"):
        body = {"input": "text", "query": "text", "documents": ["text"]}
        answer = Api(people.alice).post(path, body)
        assert answer.status_code == 429, path
        assert answer["Retry-After"]


def test_uploads_of_the_day_and_storage_end_uploading(people, admin, hints, data_dir):
    api = Api(people.alice)
    limit(admin, uploads_per_day=1)
    assert api.upload(("a.txt", "one"), cabinet_id=people.cabinet.pk).status_code == 202
    refused = api.upload(("b.txt", "two"), cabinet_id=people.cabinet.pk)
    assert refused.status_code == 429
    assert refused["Retry-After"]
    limit(admin, storage_mb=1)
    assert api.upload(("c.txt", "x" * 500_000), cabinet_id=people.cabinet.pk).status_code == 202
    full = api.upload(("d.txt", "y" * 600_000), cabinet_id=people.cabinet.pk)
    assert full.status_code == 429
    kept = [
        path for path in (data_dir / "files").rglob("*") if path.is_file() and path.stat().st_size > 550_000
    ]
    assert kept == [], "the bytes of a refused file are not kept"


def test_use_is_counted_by_person_and_key(people):
    key, _secret = api_key_create(by=None, user=people.alice, name="", scopes=["chat"])
    limits.consumption_add(people.alice, questions=1, tokens=5)
    people.alice.acting_key = key
    for _time in range(2):
        limits.consumption_add(people.alice, questions=1, tokens=10)
    rows = {row.key_id: (row.questions, row.tokens) for row in Consumption.objects.all()}
    assert rows == {None: (1, 5), key.pk: (2, 20)}


def test_ones_own_use_and_limits_are_told(people, admin, steady_minute):
    limit(admin, tokens_per_day=50, requests_per_minute=9)
    limits.consumption_add(people.alice, questions=3, tokens=30)
    told = Api(people.alice).get("me/usage").json()
    assert (told["questions"], told["tokens"], told["bytes"]) == (3, 30, 0)
    (mine,) = told["limits"]
    assert (mine["kind"], mine["tokens_per_day"], mine["tokens_used"]) == ("person", 50, 30)
    assert (mine["requests_per_minute"], mine["requests_used"]) == (9, 1)


@pytest.mark.parametrize(
    "body",
    [
        {"subject": "user:nobody", "storage_mb": 1},
        {"subject": "group:x"},
        {"subject": "key:not-an-id"},
        {"subject": ""},
        {"subject": "everyone", "storage_mb": -1},
        {"subject": "everyone", "requests_per_minute": 0},
        {"subject": "everyone", "tokens_per_day": "many"},
        {"subject": "everyone", "tokens_per_day": 10**40},
    ],
)
def test_a_limit_that_is_none_is_refused(admin, body):
    assert admin.put("quotas", body).status_code == 422
    assert not Quota.objects.exists()


class TestUsage:
    def test_it_is_told_by_person_department_cabinet_model_and_day(self, people, admin, hints):
        people.alice.departments.add(department_ensure("Finance"))
        Api(people.alice).upload(("a.txt", "abc"), cabinet_id=people.cabinet.pk)
        usage_add(people.alice, kind="chat", model="qwen", prompt_tokens=7, completion_tokens=3)
        limits.consumption_add(people.alice, questions=1)

        def told(group: str) -> dict:
            items = admin.get("usage", {"group_by": group}).json()["items"]
            return items[-1] if group == "day" else items[0]

        assert told("user") == {
            "name": "alice",
            "label": "Alice",
            "questions": 1,
            "tokens": 10,
            "uploads": 1,
            "bytes": 3,
        }
        assert (told("department")["name"], told("department")["tokens"]) == ("Finance", 10)
        assert (told("cabinet")["label"], told("cabinet")["documents"], told("cabinet")["bytes"]) == (
            "Rules",
            1,
            3,
        )
        assert (told("model")["name"], told("model")["requests"], told("model")["tokens"]) == ("qwen", 1, 10)
        assert (told("day")["questions"], told("day")["uploads"]) == (1, 1)

    @pytest.mark.parametrize(
        "query",
        [
            {"group_by": "password"},
            {"from": "2020-01-01", "to": "2024-01-01"},
            {"from": "2024-02-01", "to": "2024-01-01"},
            {"from": "x"},
        ],
    )
    def test_what_has_no_answer_is_refused(self, admin, query):
        assert admin.get("usage", query).status_code == 422

    def test_days_before_are_left_out(self, people, admin):
        Consumption.objects.create(user=people.alice, day=date(2020, 1, 1), tokens=5)
        assert admin.get("usage").json()["items"] == []
        asked = {"from": "2020-01-01", "to": "2020-01-31"}
        assert admin.get("usage", asked).json()["items"][0]["tokens"] == 5

    def test_the_pages_show_it(self, people, admin):
        limits.consumption_add(people.alice, tokens=12_345, questions=1)
        limit(admin, "user:alice", tokens_per_day=20_000, storage_mb=0)
        browser = Client(HTTP_ACCEPT_LANGUAGE="en")
        browser.force_login(people.root)
        page = browser.get("/usage/").content.decode()
        assert "Alice" in page
        assert "<rect" in page
        assert browser.get("/usage/?days=x").status_code == 200
        browser.force_login(people.alice)
        assert browser.get("/usage/").status_code == 403
        own = browser.get("/profile/usage/").content.decode()
        assert "used up" in own

    def test_without_anything_the_pages_say_so(self, people):
        browser = Client(HTTP_ACCEPT_LANGUAGE="en")
        browser.force_login(people.root)
        assert b"Nobody has used it" in browser.get("/usage/").content
        assert b"No limit holds for you" in browser.get("/profile/usage/").content


def test_without_limits_a_request_asks_for_none(people, django_assert_num_queries):
    cache.set(limits.CACHE_KEY, [])
    with django_assert_num_queries(0):
        limits.count_request(people.alice)
        limits.require_tokens(people.alice)
