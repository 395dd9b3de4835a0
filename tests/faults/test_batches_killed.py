"""kill -9 at the border of two batches: the old generation or the new one is served, whole, and the file is not
read a second time."""

from __future__ import annotations

import json
import signal
import time

import pytest

pytestmark = pytest.mark.server
TEXT = "# Rules\n\n" + "\n\n".join(f"## Part {number}\n\nRule {number} holds." for number in range(600))
LEASE = 1  # seconds


def killed(place, *words: str, at: str) -> None:
    step = place.fork(*words, ASKIVE_FAILPOINT=at)
    assert step.wait() == -signal.SIGKILL, step.complained()[-2000:]
    time.sleep(LEASE + 0.2)


def test_a_kill_between_batches_leaves_the_old_or_the_new_generation(steps):
    key = steps.step("upload", "rules.md", TEXT)
    killed(steps, "ingest", key, at="batch:kill:2")
    # Three batches make the first generation; the second of the next is the fifth that this process writes.
    again = (
        "read",
        key,
        "then",
        "sweep",
        "then",
        "ingest",
        key,
        "then",
        "requeue",
        key,
        "then",
        "ingest",
        key,
    )
    killed(steps, *again, at="batch:kill:5")
    told = steps.step(
        "read",
        key,
        "then",
        "sweep",
        "then",
        "ingest",
        key,
        "then",
        "read",
        key,
        ASKIVE_FAILPOINT="read:raise",
    ).split("\n")
    served, done, last = json.loads(told[0]), told[2], json.loads(told[3])
    assert (served["status"], served["active_generation"], served["chunk_count"]) == ("processing", 2, 600)
    assert done == "True", "what was parsed is taken up again"
    assert (last["status"], last["error_code"], last["chunk_count"]) == ("ready", "", 600)
    assert last["active_generation"] > served["active_generation"]
    assert steps.doctor() == []
