"""The queue: people take turns, places and minutes are said, and cancelling acts at once."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.cabinets.estimates import Estimates
from apps.cabinets.models import Document
from apps.cabinets.probes import beat
from apps.cabinets.queue import next_document, queue_lines, queue_now
from apps.cabinets.services.cabinets import cabinet_create
from apps.cabinets.services.ingestion import document_ingest_next, document_requeue
from apps.cabinets.services.leases import lease_take, lease_take_next
from tests import samples
from tests.factories import Api, ingest, upload
from tests.test_cabinet_pages import make_document, page_of

pytestmark = pytest.mark.django_db
Status = Document.Status
NOW = timezone.now()


def waiting(people, name: str, *, by=None, seconds: int = 0, **values) -> Document:
    values = {"status": "queued", "active_generation": None, "created_by": by or people.alice, **values}
    return make_document(people, name, queued_at=NOW + timedelta(seconds=seconds), **values)


def served_order() -> list[str]:
    """Take everything that waits, one after another, as a single worker would."""
    names = []
    while lease := lease_take_next():
        document = Document.objects.get(pk=lease.document_id)
        names.append(document.title)
        lease.release(status=Status.READY, stage="")
    return names


def test_a_bulk_upload_does_not_hold_up_a_single_file(people):
    for number in range(50):
        waiting(people, f"bulk {number:02}", by=people.alice, seconds=number)
    waiting(people, "single", by=people.bob, seconds=100)
    assert served_order()[:4] == ["bulk 00", "single", "bulk 01", "bulk 02"]


def test_two_bulk_uploads_take_turns(people):
    for number in range(3):
        waiting(people, f"alice {number}", by=people.alice, seconds=number)
        waiting(people, f"bob {number}", by=people.bob, seconds=number + 10)
    assert served_order() == ["alice 0", "bob 0", "alice 1", "bob 1", "alice 2", "bob 2"]


def test_cabinets_of_one_person_take_turns(people):
    other = cabinet_create(by=people.alice, name="Other").folders.get()
    for number in range(3):
        waiting(people, f"many {number}", seconds=number)
    waiting(people, "one", folder=other, seconds=60)
    assert served_order() == ["many 0", "one", "many 1", "many 2"]


def test_a_priority_comes_first(people):
    waiting(people, "usual")
    waiting(people, "urgent", by=people.bob, seconds=60, priority=5)
    assert served_order() == ["urgent", "usual"]


def test_the_places_that_are_said_are_the_order_of_service(people):
    other = cabinet_create(by=people.alice, name="Other").folders.get()
    for number in range(7):
        waiting(people, f"alice {number}", seconds=number)
        waiting(people, f"other {number}", folder=other, seconds=number * 3)
        waiting(people, f"bob {number}", by=people.bob, seconds=2 * number)
    waiting(people, "nobody's", by=None, created_by=None)
    titles = dict(Document.objects.values_list("pk", "title"))
    said = [titles[entry.id] for entry, _seconds in queue_now()]
    assert said == served_order()
    assert len(said) == 22


def test_twenty_claims_of_one_order_never_take_a_document_twice(people):
    documents = [waiting(people, f"d{number}", seconds=number) for number in range(20)]
    taken = [lease_take_next() for _number in range(21)]
    assert {lease.document_id for lease in taken if lease} == {document.pk for document in documents}
    assert taken[-1] is None


def test_a_document_in_a_pause_is_not_next_and_says_that_it_is_tried_again(people):
    document = waiting(
        people, "paused", not_before=timezone.now() + timedelta(seconds=50), error_code="store_timeout"
    )
    assert next_document() is None
    line = queue_lines([document])[document.pk]
    assert (line.position, line.waiting_for) == (None, "retry")
    assert 0 < line.seconds <= 50


@pytest.mark.django_db(transaction=True)
def test_a_message_is_a_hint_and_works_for_whoever_has_the_turn(people, hints, rag):
    first = upload(people.alice, people.root_folder, "a.txt", samples.WORDS)
    second = upload(people.alice, people.root_folder, "b.txt", samples.WORDS + " again")
    assert document_ingest_next(second.pk)
    states = dict(Document.objects.values_list("title", "status"))
    assert states == {"a": Status.READY, "b": Status.QUEUED}
    assert document_ingest_next(first.pk)
    assert not document_ingest_next(first.pk)


def test_a_hint_of_a_dead_worker_takes_its_document(people):
    document = waiting(people, "left")
    lease_take(document.pk)
    assert not document_ingest_next(document.pk)
    Document.objects.filter(pk=document.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert lease_take_next() is None
    assert lease_take(document.pk) is not None


def test_estimates_follow_kind_and_size_and_shrug_off_an_outlier():
    timings = [("pdf", 2**20, ms) for ms in (4000, 4200, 4100, 900_000)] + [("txt", 2**20, 500)] * 4
    estimates = Estimates(timings)
    assert estimates.seconds("pdf", 2**20) == pytest.approx(4.15, abs=0.1)
    assert estimates.seconds("pdf", 4 * 2**20) == pytest.approx(16.6, rel=0.1)
    assert estimates.seconds("txt", 2**20) == pytest.approx(0.5)
    assert Estimates([]).seconds("pdf", 2**20) == pytest.approx(12)


def test_rest_says_place_time_and_what_it_waits_for(people, settings):
    settings.INGEST_WORKERS = 1
    for number in range(3):
        make_document(people, f"done {number}", started_at=NOW, timings_ms={"total": 60_000})
    first, second = waiting(people, "first", size=2048), waiting(people, "second", size=2048, seconds=1)
    alice = Api(people.alice)
    shown = alice.get(f"documents/{second.pk}").json()
    assert (shown["queue_position"], shown["waiting_for"], shown["expected_seconds"]) == (2, "worker", None)
    beat()
    shown = alice.get(f"documents/{second.pk}").json()
    assert (shown["queue_position"], shown["waiting_for"]) == (2, "turn")
    assert shown["expected_seconds"] == pytest.approx(120, abs=2)
    assert alice.get(f"documents/{first.pk}").json()["expected_seconds"] == pytest.approx(60, abs=2)


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Queued, number 2 · about 2 minutes"), ("zh-hans", "排队第 2 · 约 2 分钟")]
)
def test_the_table_says_place_and_minutes(people, settings, language, word):
    settings.INGEST_WORKERS = 1
    beat()
    for number in range(3):
        make_document(people, f"done {number}", started_at=NOW, timings_ms={"total": 59_000})
    waiting(people, "first")
    waiting(people, "second", seconds=1)
    address = f"/cabinets/{people.cabinet.pk}/?status=busy"
    assert word in page_of(people.alice, language=language).get(address).content.decode()


def test_cancelling_a_waiting_document_acts_at_once(people, hints):
    document = upload(people.alice, people.root_folder, "a.txt", samples.WORDS)
    shown = Api(people.alice).post(f"documents/{document.pk}/cancel").json()
    assert shown["status"] == "failed"
    assert (shown["error"]["code"], shown["error"]["retryable"]) == ("cancelled", True)
    assert next_document() is None
    assert Api(people.alice).post(f"documents/{document.pk}/cancel").status_code == 409
    assert Api(people.bob).post(f"documents/{document.pk}/cancel").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_cancelling_kills_the_reader_promptly_and_a_retry_goes_through(people, hints, rag, monkeypatch):
    document = upload(people.alice, people.root_folder, "a.txt", samples.WORDS)
    from tests.fakes.slow import SlowParser

    slow = SlowParser()
    prepare = rag.parser_pool().prepare
    monkeypatch.setattr(
        rag.parser_pool(), "prepare", lambda *args, **named: prepare(*args, **{**named, "parser": slow})
    )
    done = threading.Event()

    def work():
        try:
            ingest(document)
        finally:
            connection.close()
            done.set()

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 20
    while Document.objects.get(pk=document.pk).status != Status.PROCESSING:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert Api(people.alice).post(f"documents/{document.pk}/cancel").status_code == 200
    assert done.wait(15), "the worker did not let go; the parser would have slept for minutes"
    thread.join()
    found = Document.objects.get(pk=document.pk)
    assert (found.status, found.error_code) == (Status.FAILED, "cancelled")
    monkeypatch.undo()
    rag.parser_pool()


@pytest.mark.django_db(transaction=True)
def test_what_was_cancelled_can_be_read_again(people, hints, rag):
    document = upload(people.alice, people.root_folder, "a.txt", samples.WORDS)
    Api(people.alice).post(f"documents/{document.pk}/cancel")
    document.refresh_from_db()
    document = ingest(document_requeue(document, by=people.alice))
    assert (document.status, document.error_code) == (Status.READY, "")
