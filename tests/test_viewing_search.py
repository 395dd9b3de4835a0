"""Searching with an employee's eyes: it finds what they find, and is counted for the administrator who looks."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from apps.accounts import limits
from apps.accounts.quotas import quota_set
from apps.cabinets.models import Document
from apps.cabinets.services.cabinets import cabinet_create
from apps.core.models import IdempotencyRecord
from tests.factories import ingest, upload

pytestmark = pytest.mark.django_db(transaction=True)
QUERY = {"query": "signature"}


@pytest.fixture
def viewing(people, hints, rag) -> Client:
    """Root looks with bob's eyes; bob reads one of two documents."""
    private = cabinet_create(by=people.charlie, name="Private")
    for by, folder, name in (
        (people.alice, people.root_folder, "travel.md"),
        (people.charlie, private.folders.get(), "secret.md"),
    ):
        ingest(upload(by, folder, name, f"# {name}\n\nEverything needs a signature of the head."))
    client = Client(HTTP_ACCEPT_LANGUAGE="en", raise_request_exception=False)
    client.force_login(people.root)
    client.post(f"/people/{people.bob.pk}/view/")
    return client


def asked(client: Client, **headers: str):
    return client.post("/api/v1/search", QUERY, content_type="application/json", **headers)


def titles(answer) -> set[str]:
    return {passage["title"] for passage in answer.json()["passages"]}


def test_it_finds_what_the_employee_finds_where_everything_is_limited(people, viewing):
    told = {"requests_per_minute": 50, "tokens_per_day": 1, "uploads_per_day": 1, "storage_mb": 1}
    quota_set(by=people.root, subject="everyone", **told)
    assert titles(asked(viewing)) == {"travel"}
    page = viewing.get("/search/", {"q": "signature"}).content.decode()
    assert "travel" in page
    assert "secret" not in page


def test_it_is_counted_for_who_looks_and_not_for_the_employee(people, viewing, monkeypatch):
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_010.0)
    quota_set(by=people.root, subject="user:bob", requests_per_minute=1)
    assert [asked(viewing).status_code for _time in range(3)] == [200, 200, 200]
    bob = Client()
    bob.force_login(people.bob)
    assert [asked(bob).status_code for _time in range(2)] == [200, 429]
    cache.clear()
    quota_set(by=people.root, subject="user:root", requests_per_minute=1)
    assert [asked(viewing).status_code for _time in range(2)] == [200, 429]


def test_a_repeated_search_works_and_nothing_of_it_is_kept(people, viewing):
    answers = [asked(viewing, HTTP_IDEMPOTENCY_KEY="once") for _time in range(2)]
    assert [titles(answer) for answer in answers] == [{"travel"}, {"travel"}]
    assert not IdempotencyRecord.objects.exists()


def test_asking_is_refused_with_the_reason(people, viewing):
    document = Document.objects.get(title="travel")
    for path in ("/api/v1/conversations", f"/api/v1/conversations/{document.pk}/messages"):
        answer = viewing.post(path, {"content": "Who signs?"}, content_type="application/json")
        assert answer.status_code == 403
        assert "only cabinets, documents and search" in answer.json()["detail"]
    assert viewing.get("/")["Location"] == "/cabinets/"
