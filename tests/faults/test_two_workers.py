"""A worker that is stopped, loses its lease, and comes back: it can change nothing (fencing). Several that are told
of the same document at once: one does it.

All processes share one database (PostgreSQL where there is one, and an SQLite file) and one engine.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import time
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
import pytest

from tests.faults.forks import Fork
from tests.faults.place import Place, copied, wait
from tests.faults.stores import shared_store

pytestmark = pytest.mark.server
SERVER = os.environ.get("DATABASE_URL", "")
DATABASES = ["sqlite", *(["postgresql"] if SERVER.startswith("postgres") else [])]
TEXT = "# Rules\n\n" + "\n\n".join(f"## Part {number}\n\nRule {number} holds." for number in range(30))


@pytest.fixture(scope="module", params=DATABASES)
def shared(request, template, tmp_path_factory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("shared")
    place = copied(template, folder / "data", LEASE_SECONDS="1")
    with shared_store(folder / "store") as address:
        place.extra["FAULT_STORE"] = address
        if request.param == "sqlite":
            yield place
            place.close()
            return
        name = f"faults_{secrets.token_hex(4)}"
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
            place.extra["DATABASE_URL"] = urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))
            place.step("manage", "migrate", "--verbosity", "0")
            yield place
            place.close()
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def key(request, shared) -> Iterator[str]:
    """A document of this test. Whatever happens to it, the doctor finds nothing after."""
    yield shared.step("upload", f"{secrets.token_hex(4)}.md", f"{TEXT}\n\n{request.node.name}")
    assert shared.doctor() == []


def stopped_at(place: Place, stage: str, key: str) -> Fork:
    """A worker that stops itself there, and sleeps until its lease is over."""
    worker = place.fork("ingest", key, ASKIVE_FAILPOINT=f"{stage}:stop")
    process = psutil.Process(worker.pid)
    wait(lambda: process.status() == psutil.STATUS_STOPPED)
    time.sleep(1.2)
    return worker


def wake(worker: Fork) -> None:
    os.kill(worker.pid, signal.SIGCONT)
    assert worker.wait() == 0, worker.complained()


@pytest.mark.parametrize("stage", ["write", "before-flip"])
def test_the_late_worker_changes_nothing(shared, key, stage):
    late = stopped_at(shared, stage, key)
    _swept, done, told = shared.step("sweep", "then", "ingest", key, "then", "read", key).split("\n")
    before = json.loads(told)
    assert done == "True"
    assert (before["status"], before["active_generation"]) == ("ready", 2)
    wake(late)
    assert shared.row(key) == before


def test_the_late_worker_leaves_no_point_of_a_deleted_document(shared, key):
    late = stopped_at(shared, "write", key)
    assert shared.step("delete", key, "then", "remove", key).endswith("True")
    wake(late)


def test_the_late_worker_does_not_take_a_document_back_that_was_moved(shared, key):
    late = stopped_at(shared, "before-flip", key)
    folder = shared.step("move", key, f"New {key}")
    shared.step("sweep", "then", "ingest", key)
    wake(late)
    assert shared.row(key)["folder_id"] == folder


def test_late_clearing_up_does_not_touch_the_next_generation(shared, key):
    late = stopped_at(shared, "drop-old", key)
    assert shared.step("requeue", key, "then", "ingest", key).endswith("True")
    wake(late)
    assert shared.row(key)["active_generation"] == 3, "what an attempt began is not used again"


def test_workers_that_are_told_at_once_do_the_work_once(shared, key):
    told = [shared.fork("ingest", key, ASKIVE_FAILPOINT="parse:sleep:1") for _worker in range(6)]
    assert [worker.wait() for worker in told] == [0] * 6
    assert sorted(worker.said() for worker in told) == ["False"] * 5 + ["True"]
    assert shared.step("ingest", key) == "False", "and told again later"
    assert (shared.row(key)["status"], shared.row(key)["generation"]) == ("ready", 1)
