"""kill -9 at the border of two batches: the old generation or the new one is served, whole, and the file is not
read a second time."""

from __future__ import annotations

import json
import time

import pytest

pytestmark = pytest.mark.server
TEXT = "# Rules\n\n" + "\n\n".join(f"## Part {number}\n\nRule {number} holds." for number in range(600))
LEASE = 3.2  # seconds, above that of tests.faults.place


def state(place, key: str) -> dict:
    return json.loads(place.step("read", key))


def killed(place, key: str, failpoint: str) -> None:
    done = place.run("-m", "tests.faults.steps", "ingest", key, ASKIVE_FAILPOINT=failpoint)
    assert done.returncode == -9, done.stderr[-2000:]
    time.sleep(LEASE)


def test_a_kill_between_batches_leaves_the_old_or_the_new_generation(place):
    key = place.step("upload", "rules.md", TEXT)
    for number in (1, 2):
        killed(place, key, f"batch:kill:{number}")
        assert state(place, key)["active_generation"] is None
    told = place.step("sweep", "then", "ingest", key, ASKIVE_FAILPOINT="read:raise")
    assert told.endswith("True"), "what was parsed is taken up again"
    first = state(place, key)
    assert (first["status"], first["chunk_count"]) == ("ready", 600)
    place.step("requeue", key)
    killed(place, key, "batch:kill:2")
    served = state(place, key)
    assert (served["active_generation"], served["chunk_count"]) == (first["active_generation"], 600)
    assert place.step("sweep", "then", "ingest", key, ASKIVE_FAILPOINT="read:raise").endswith("True")
    last = state(place, key)
    assert (last["status"], last["chunk_count"]) == ("ready", 600)
    assert last["active_generation"] > first["active_generation"]
    assert place.doctor() == []
