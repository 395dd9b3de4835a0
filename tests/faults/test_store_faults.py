"""The store, a process of its own, is killed, stopped, or loses what it is given, under the hands of a worker that is
another one: work is put off, nothing is half, nothing is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest

from tests.faults.forks import Fork
from tests.faults.held import Store
from tests.faults.place import Place, wait

pytestmark = pytest.mark.server
TEXT = "# Rules\n\n" + "\n\n".join(f"## Part {number}\n\nRule {number} holds." for number in range(90))


@pytest.fixture
def whole(stored) -> Iterator[tuple[Place, Store]]:
    """The store is there when a test begins. Whatever is done to it, the doctor finds nothing after."""
    place, store = stored
    store.start()
    yield place, store
    assert place.doctor() == []


def uploaded(place: Place, name: str) -> str:
    return place.step("upload", f"{name}.md", f"{TEXT}\n\n{name}")


def attempt(place: Place, key: str) -> tuple[str, str, int]:
    """(status, code, generation) after one more attempt, without the pause before it."""
    place.step("hurry", key, "then", "ingest", key)
    found = place.row(key)
    return found["status"], found["error_code"], found["generation"]


def stopped_at_write(place: Place, key: str) -> Fork:
    worker = place.fork("ingest", key, ASKIVE_FAILPOINT="write:stop")
    process = psutil.Process(worker.pid)
    wait(lambda: process.status() == psutil.STATUS_STOPPED)
    return worker


def wake(worker: Fork) -> None:
    os.kill(worker.pid, signal.SIGCONT)


def lease_until(place: Place, key: str) -> str:
    with closing(sqlite3.connect(place.data_dir / "askive.sqlite3", timeout=20)) as database:
        query = "SELECT lease_until FROM cabinets_document WHERE id = ?"
        return database.execute(query, [key.replace("-", "")]).fetchone()[0]


def test_a_store_that_is_down_puts_the_work_off(whole):
    place, store = whole
    key = uploaded(place, "down")
    store.kill()
    assert attempt(place, key) == ("queued", "store_unavailable", 1)
    store.start()
    assert attempt(place, key)[:2] == ("ready", "")


def test_a_store_that_is_killed_while_it_is_written_to_costs_an_attempt(whole):
    place, store = whole
    key = uploaded(place, "killed")
    worker = stopped_at_write(place, key)
    store.kill()
    wake(worker)
    assert worker.wait() == 0, worker.complained()
    found = place.row(key)
    assert (found["status"], found["error_code"]) == ("queued", "store_unavailable")
    store.start()
    assert attempt(place, key) == ("ready", "", 2)


def test_a_store_that_does_not_answer_is_waited_for_and_the_lease_kept(whole):
    place, store = whole
    key = uploaded(place, "slow")
    worker = stopped_at_write(place, key)
    store.send(signal.SIGSTOP)
    before = lease_until(place, key)
    wake(worker)
    wait(lambda: lease_until(place, key) > before)
    store.send(signal.SIGCONT)
    assert worker.wait() == 0, worker.complained()
    found = place.row(key)
    assert (found["status"], found["active_generation"]) == ("ready", 1)


def test_a_batch_that_the_store_loses_is_noticed_and_written_again(whole):
    place, store = whole
    key = uploaded(place, "dropped")
    store.start(drops="upsert:1")
    assert attempt(place, key) == ("queued", "store_incomplete", 1)
    assert attempt(place, key) == ("ready", "", 2)


def test_a_store_that_loses_each_attempt_ends_in_failed_and_leaves_nothing(whole):
    place, store = whole
    before = place.step("points")
    key = uploaded(place, "lost")
    store.start(drops="upsert:99")
    told = [attempt(place, key)[:2] for _attempt in range(3)]
    assert told == [("queued", "store_incomplete")] * 2 + [("failed", "store_incomplete")]
    assert place.step("sweep", "then", "points").split("\n")[1] == before


def test_a_deletion_goes_on_when_the_store_is_back_and_gives_no_receipt_while_points_stay(whole):
    place, store = whole
    before = place.step("points")
    key = uploaded(place, "deleted")
    assert attempt(place, key)[0] == "ready"
    store.kill()
    place.step("delete", key)
    assert "StoreError" in refused(place, key)
    store.start(drops="delete:1")
    assert "points left" in refused(place, key)
    done = place.step("remove", key, "then", "gone", key, "then", "points").split("\n")
    assert done == ["True", "True", before]


def refused(place: Place, key: str) -> str:
    """What an attempt to clear the document away complains of."""
    step = place.fork("remove", key)
    assert step.wait() == 1
    return step.complained()
