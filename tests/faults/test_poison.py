"""A file that takes its worker's process with it, each time: it is set aside with a sentence, and the rest goes on."""

from __future__ import annotations

import json
import signal
import time

import pytest

pytestmark = pytest.mark.server


STAGES = ("parse", "write")


def test_a_file_that_kills_its_worker_three_times_is_set_aside(steps):
    poison = {
        stage: steps.step("upload", f"{stage}.md", f"# Poison\n\nWhoever comes to {stage} this ends.")
        for stage in STAGES
    }
    for attempt in (1, 2, 3):
        for stage, key in poison.items():
            assert steps.fork("ingest", key, ASKIVE_FAILPOINT=f"{stage}:kill").wait() == -signal.SIGKILL
            assert steps.row(key)["attempt"] == attempt
        time.sleep(1.1)  # its lease runs out, with nobody left to say why
        steps.step("sweep")
    for key in poison.values():
        found = steps.row(key)
        assert (found["status"], found["error_code"], found["active_generation"]) == (
            "failed",
            "crashed",
            None,
        )
        english, chinese = json.loads(steps.step("says", key))
        assert "three times" in english
        assert "三次" in chinese
        assert steps.step("ingest", key) == "False", "nobody takes it a fourth time"
    other = steps.step("upload", "other.md", "# Other\n\nThis one is harmless.")
    assert steps.step("ingest", other) == "True"
    assert steps.row(other)["status"] == "ready"
    assert steps.doctor() == []
