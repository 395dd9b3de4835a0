"""The administrators' queue: what runs, who waits, what failed and why, and trying it all again."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.accounts.models import AuditEvent
from apps.cabinets.models import Document
from apps.cabinets.probes import beat
from tests.factories import Api
from tests.test_cabinet_pages import HTMX, make_document, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(people) -> None:
    values = {"active_generation": None}
    make_document(
        people,
        "Being read",
        status="processing",
        stage="embed",
        progress=0.4,
        started_at=timezone.now(),
        **values,
    )
    for number in range(3):
        make_document(people, f"Waiting {number}", status="queued", **values)
    make_document(people, "Bob's", status="queued", created_by=people.bob, **values)
    make_document(
        people, "Locked", status="failed", error_code="password", error_detail="encrypted stream", **values
    )


def test_only_administrators_see_it(people):
    assert page_of(people.alice).get("/queue/").status_code == 403
    assert Api(people.alice).get("queue").status_code == 403
    assert page_of(people.root).get("/queue/").status_code == 200


def test_it_says_what_runs_who_waits_and_why_it_failed(people, busy):
    beat()
    content = page_of(people.root).get("/queue/").content.decode()
    for words in (
        "4 documents wait",
        "Embedding 40%",
        "Bob&#x27;s",
        "Alice",
        "Queued, number 1",
        "encrypted stream",
    ):
        assert words in content, words
    assert "protected by a password" in content
    assert "No worker has been seen" not in content


def test_without_a_worker_it_says_so_and_promises_no_time(people, busy):
    content = page_of(people.root).get("/queue/").content.decode()
    assert "No worker has been seen lately" in content
    assert "All of it is ready" not in content


def test_the_fragment_is_the_table_alone(people, busy):
    content = page_of(people.root).get("/queue/?part=queue", **HTMX).content.decode()
    assert "<html" not in content and "Waiting, by person" in content


def test_an_empty_queue_says_that_nothing_waits(people):
    content = page_of(people.root).get("/queue/").content.decode()
    assert "Nothing waits" in content and "Nothing has failed." in content


def test_the_other_admin_pages_lead_there(people):
    assert 'href="/queue/"' in page_of(people.root).get("/people/").content.decode()


def test_rest_counts_and_names_who_waits(people, busy):
    beat()
    shown = Api(people.root, "admin").get("queue").json()
    assert (shown["counts"]["queued"], shown["counts"]["processing"], shown["counts"]["failed"]) == (4, 1, 1)
    assert [(one["name"], one["documents"]) for one in shown["waiting"]] == [("Alice", 3), ("Bob", 1)]
    assert shown["expected_seconds"] > 0


def test_everything_that_failed_can_be_tried_again_at_once(
    people, hints, busy, django_capture_on_commit_callbacks
):
    failed = Document.objects.get(title="Locked")
    with django_capture_on_commit_callbacks(execute=True):
        assert Api(people.root, "admin").post("queue/retry").json() == {"requeued": 1}
    failed.refresh_from_db()
    assert (failed.status, failed.error_code, failed.attempt) == ("queued", "", 0)
    assert ("ingest", str(failed.pk)) in hints
    assert AuditEvent.objects.filter(action="queue.retry_failed").exists()
    assert Api(people.root, "admin").post("queue/retry").json() == {"requeued": 0}


def test_the_rows_of_a_cabinets_top_ask_for_rows_and_get_no_page(people, busy):
    import re

    browser = page_of(people.alice)
    content = browser.get(f"/cabinets/{people.cabinet.pk}/").content.decode()
    address = re.search(r'data-busy hx-get="([^"]+)"', content)
    assert address is not None
    answer = browser.get(address[1].replace("&amp;", "&"), **HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
