"""A worker that is stopped, loses its lease, and comes back: it can change nothing (fencing).

Two processes share one database (PostgreSQL where there is one, else an SQLite file) and one engine.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
import pytest

from tests.faults.place import Place, copied, wait
from tests.faults.stores import shared_store

pytestmark = pytest.mark.server
SERVER = os.environ.get("DATABASE_URL", "")
DATABASES = ["sqlite", *(["postgresql"] if SERVER.startswith("postgres") else [])]
TEXT = "# Rules\n\n" + "\n\n".join(f"## Part {number}\n\nRule {number} holds." for number in range(30))


@pytest.fixture(params=DATABASES)
def shared(request, template, tmp_path) -> Iterator[Place]:
    place = copied(template, tmp_path / "data", LEASE_SECONDS="2")
    with shared_store(tmp_path / "shared") as address:
        place.extra["FAULT_STORE"] = address
        if request.param == "sqlite":
            yield place
            return
        name = f"faults_{secrets.token_hex(4)}"
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
            place.extra["DATABASE_URL"] = urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))
            assert place.run("manage.py", "migrate", "--verbosity", "0").returncode == 0
            yield place
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def stopped_at(place: Place, stage: str, key: str) -> subprocess.Popen[str]:
    """A worker that stops itself there, and sleeps until its lease is over."""
    worker = place.popen("-m", "tests.faults.steps", "ingest", key, ASKIVE_FAILPOINT=f"{stage}:stop")
    process = psutil.Process(worker.pid)
    wait(lambda: process.status() == psutil.STATUS_STOPPED)
    time.sleep(2.5)
    return worker


def wake(worker: subprocess.Popen[str]) -> None:
    worker.send_signal(signal.SIGCONT)
    assert worker.wait(60) == 0


@pytest.mark.parametrize("stage", ["write", "before-flip"])
def test_the_late_worker_changes_nothing(shared, stage):
    key = shared.step("upload", "rules.md", TEXT)
    late = stopped_at(shared, stage, key)
    _swept, done, told = shared.step("sweep", "then", "ingest", key, "then", "read", key).split("\n")
    before = json.loads(told)
    assert done == "True"
    assert (before["status"], before["active_generation"]) == ("ready", 2)
    wake(late)
    assert json.loads(shared.step("read", key)) == before
    assert shared.doctor() == []


def test_the_late_worker_leaves_no_point_of_a_deleted_document(shared):
    key = shared.step("upload", "rules.md", TEXT)
    late = stopped_at(shared, "write", key)
    assert shared.step("delete", key, "then", "remove", key).endswith("True")
    wake(late)
    assert shared.doctor() == []


def test_late_clearing_up_does_not_touch_the_next_generation(shared):
    key = shared.step("upload", "rules.md", TEXT)
    late = stopped_at(shared, "drop-old", key)
    assert shared.step("requeue", key, "then", "ingest", key).endswith("True")
    wake(late)
    assert json.loads(shared.step("read", key))["active_generation"] == 3, (
        "what an attempt began is not used again"
    )
    assert shared.doctor() == []
