"""A worker that is stopped, loses its lease, and comes back: it can change nothing (fencing). Several that are told
of the same document at once: one does it.

All processes share one database (PostgreSQL where there is one, and an SQLite file) and one engine.
"""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
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
LEASE = 1  # seconds
TAKEN_OVER = ("parse", "chunk", "embed", "write", "batch", "before-flip")
# What is done to a document while its worker sleeps, and where that one was stopped.
CASES = {
    "made anew": "drop-old",
    "deleted": "write",
    "moved": "before-flip",
    **{f"taken over at {stage}": stage for stage in TAKEN_OVER},
}


@dataclass
class Late:
    """A document whose worker slept through its lease: the row before that one came back, and after it."""

    key: str
    worker: Fork
    said: list[str] = field(default_factory=list)
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


@pytest.fixture(scope="module", params=DATABASES)
def shared(request, template, tmp_path_factory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("shared")
    place = copied(template, folder / "data", LEASE_SECONDS=str(LEASE))
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


@pytest.fixture(scope="module")
def late(shared) -> dict[str, Late]:
    """All workers sleep at once, then others do the work, then all come back."""
    keys = uploaded(shared)
    told = {
        case: Late(key, shared.fork("ingest", key, ASKIVE_FAILPOINT=f"{CASES[case]}:stop"))
        for case, key in keys.items()
    }
    for one in told.values():
        process = psutil.Process(one.worker.pid)
        wait(lambda process=process: process.status() == psutil.STATUS_STOPPED)
    time.sleep(LEASE + 0.2)
    for case, one in told.items():
        one.said = shared.step(*meanwhile(case, one.key)).split("\n")
        one.before = None if case == "deleted" else shared.row(one.key)
    for case, one in told.items():
        os.kill(one.worker.pid, signal.SIGCONT)
        assert one.worker.wait() == 0, one.worker.complained()
        one.after = None if case == "deleted" else shared.row(one.key)
    return told


def uploaded(place: Place) -> dict[str, str]:
    words = [("then", "upload", f"{case}.md", f"{TEXT}\n\n{case}") for case in CASES]
    told = place.step(*[word for command in words for word in command][1:])
    return dict(zip(CASES, told.split("\n"), strict=True))


def meanwhile(case: str, key: str) -> list[str]:
    if case == "deleted":
        return ["delete", key, "then", "remove", key]
    if case == "moved":
        return ["move", key, f"New {key}", "then", "sweep", "then", "ingest", key]
    if case == "made anew":
        return ["requeue", key, "then", "ingest", key]
    return ["sweep", "then", "ingest", key]


@pytest.mark.parametrize("stage", TAKEN_OVER)
def test_the_late_worker_changes_nothing(late, stage):
    one = late[f"taken over at {stage}"]
    assert one.said[-1] == "True"
    assert (one.before["status"], one.before["active_generation"]) == ("ready", 2)
    assert one.after == one.before


def test_the_late_worker_does_not_keep_a_deleted_document(shared, late):
    assert late["deleted"].said[-1] == "True"
    assert shared.step("gone", late["deleted"].key) == "True"


def test_the_late_worker_does_not_take_a_document_back_that_was_moved(late):
    one = late["moved"]
    assert one.said[-1] == "True"
    assert one.after["folder_id"] == one.said[0]
    assert one.after == one.before


def test_late_clearing_up_does_not_touch_the_next_generation(late):
    one = late["made anew"]
    assert one.said[-1] == "True"
    assert one.after["active_generation"] == 3, "what an attempt began is not used again"


def test_workers_that_are_told_at_once_do_the_work_once(shared):
    key = shared.step("upload", "once.md", f"{TEXT}\n\nonce")
    told = [shared.fork("ingest", key, ASKIVE_FAILPOINT="parse:sleep:1") for _worker in range(6)]
    assert [worker.wait() for worker in told] == [0] * 6
    assert sorted(worker.said() for worker in told) == ["False"] * 5 + ["True"]
    assert shared.step("ingest", key) == "False", "and told again later"
    assert (shared.row(key)["status"], shared.row(key)["generation"]) == ("ready", 1)


def test_the_doctor_finds_nothing_after_it(shared, late):
    assert shared.doctor() == []
