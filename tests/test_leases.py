"""One worker a document: taken once, fenced by a token, given back, swept up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from apps.cabinets.models import Chunk, Document
from apps.cabinets.services import ingestion
from apps.cabinets.services.ingestion import document_ingest, document_requeue
from apps.cabinets.services.leases import (
    LeaseLost,
    lease_kept,
    lease_take,
    leases_expire,
    leases_release,
)
from apps.cabinets.tasks import sweep
from tests.factories import ingest, upload

pytestmark = pytest.mark.django_db(transaction=True)
Status = Document.Status


@pytest.fixture
def document(people, hints) -> Iterator[Document]:
    return upload(people.alice, people.root_folder, "rules.md", "# Rules\n\nAsk before you buy.")


def let_run_out(document: Document) -> None:
    """The worker was stopped for longer than its lease."""
    Document.objects.filter(pk=document.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def row(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def test_twenty_workers_at_once_take_a_document_once(document):
    taken, barrier = [], threading.Barrier(20)

    def work() -> None:
        barrier.wait(20)
        try:
            taken.append(taken_without_waiting())
        finally:
            connection.close()

    def taken_without_waiting():
        """SQLite in memory, which only tests use, says "locked" at once where a file would wait."""
        for _try in range(1000):
            try:
                return lease_take(document.pk)
            except OperationalError:
                threading.Event().wait(0.005)
        return lease_take(document.pk)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(taken) == 20
    leases = [lease for lease in taken if lease]
    assert len(leases) == 1
    assert (row(document).status, row(document).attempt) == (Status.PROCESSING, 1)
    assert row(document).lease_token == leases[0].token


def test_a_worker_that_lost_its_lease_can_write_nothing(document):
    slow = lease_take(document.pk)
    let_run_out(document)
    quick = lease_take(document.pk)
    assert quick is not None
    assert quick.token != slow.token
    before = Document.objects.filter(pk=document.pk).values().get()
    for write in (
        lambda: slow.update(progress=0.9),
        lambda: slow.release(status=Status.READY, active_generation=1),
    ):
        with pytest.raises(LeaseLost):
            write()
    assert Document.objects.filter(pk=document.pk).values().get() == before
    quick.update(progress=0.5)
    assert row(document).progress == 0.5


def test_a_document_that_was_requeued_is_no_longer_the_old_workers(document, people):
    lease = lease_take(document.pk)
    document_requeue(document, by=people.alice)
    with pytest.raises(LeaseLost):
        lease.update(progress=1)
    assert (row(document).status, row(document).generation) == (Status.QUEUED, 2)


def test_two_requeues_from_stale_rows_still_make_two_generations(document, people):
    stale = row(document)
    document_requeue(row(document), by=people.alice)
    document_requeue(stale, by=people.alice)
    assert row(document).generation == 3


def test_work_that_outlives_its_lease_leaves_no_chunk_behind(document, rag, monkeypatch):
    """The lease goes while the parser runs: neither rows nor points are written."""
    prepare = rag.parser_pool().prepare

    def slow_prepare(*args, **options):
        prepared = prepare(*args, **options)
        let_run_out(document)
        assert lease_take(document.pk)
        return prepared

    monkeypatch.setattr(rag.parser_pool(), "prepare", slow_prepare)
    assert document_ingest(document.pk) is False
    assert not Chunk.objects.filter(document=document).exists()
    assert rag.store().count(document.pk) == 0
    assert row(document).status == Status.PROCESSING  # of the other worker


def test_a_running_worker_keeps_its_lease_through_a_silence(document, settings):
    settings.LEASE_SECONDS = 0.4
    lease = lease_take(document.pk)
    first, prolonged = row(document).lease_until, threading.Event()
    with lease_kept(lease):
        for _ in range(200):
            if row(document).lease_until > first + timedelta(seconds=0.3):
                prolonged.set()
                break
            threading.Event().wait(0.02)
    assert prolonged.is_set()
    assert lease_take(document.pk) is None


def test_the_third_abandoned_attempt_fails_for_good(document):
    for attempt in (1, 2, 3):
        assert lease_take(document.pk) is not None, attempt
        let_run_out(document)
        assert leases_expire() == (([document.pk], 0) if attempt < 3 else ([], 1))
    failed = row(document)
    assert (failed.status, failed.error_code, failed.error_retryable) == (Status.FAILED, "crashed", True)
    assert failed.lease_token is None
    assert lease_take(document.pk) is None


def test_a_failed_document_starts_again_with_all_attempts(document, people):
    Document.objects.filter(pk=document.pk).update(status=Status.FAILED, attempt=3, error_code="crashed")
    document_requeue(row(document), by=people.alice)
    assert (row(document).attempt, row(document).error_code) == (0, "")
    assert lease_take(document.pk) is not None


def test_the_sweeper_gives_dead_leases_and_lost_hints_to_somebody(document, people, hints):
    lost = upload(people.alice, people.root_folder, "lost.md", "its message was lost")
    lease_take(document.pk)
    let_run_out(document)
    hints.clear()  # the broker was flushed
    sweep()
    assert sorted(hints) == sorted([("ingest", str(document.pk)), ("ingest", str(lost.pk))])
    assert row(document).status == Status.QUEUED


def test_the_sweeper_leaves_a_live_lease_and_a_pause_alone(document, people, hints):
    paused = upload(people.alice, people.root_folder, "paused.md", "try later")
    Document.objects.filter(pk=paused.pk).update(not_before=timezone.now() + timedelta(minutes=1))
    lease_take(document.pk)
    hints.clear()
    sweep()
    assert hints == []
    assert lease_take(paused.pk) is None
    assert row(document).status == Status.PROCESSING


def test_a_clean_stop_gives_the_attempt_back(document):
    lease = lease_take(document.pk)
    assert leases_release() == 1
    assert (row(document).status, row(document).attempt, row(document).lease_token) == (
        Status.QUEUED,
        0,
        None,
    )
    with pytest.raises(LeaseLost):
        lease.update(progress=1)


def test_the_only_worker_takes_over_every_lease_at_its_start(document):
    lease_take(document.pk)
    assert leases_expire(all_of_them=True) == ([document.pk], 0)
    assert (row(document).status, row(document).attempt) == (Status.QUEUED, 1)


def test_the_same_hint_ten_times_does_the_work_once(document, rag, monkeypatch):
    runs = []
    run = ingestion._run
    monkeypatch.setattr(ingestion, "_run", lambda lease: (runs.append(lease), run(lease)))
    results = [document_ingest(document.pk) for _ in range(10)]
    assert results == [True] + [False] * 9
    assert len(runs) == 1
    assert ingest(document).status == Status.READY


def test_a_hint_for_a_document_that_is_gone_does_nothing(document):
    Document.objects.filter(pk=document.pk).delete()
    assert document_ingest(document.pk) is False
