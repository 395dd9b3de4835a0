"""A file that takes its worker's process with it, each time: it is set aside with a sentence, and the rest goes on."""

from __future__ import annotations

import json
import signal
import time

import pytest

pytestmark = pytest.mark.server


STAGES = ("parse", "write")


def test_a_file_that_kills_its_worker_three_times_is_set_aside(place):
    place.extra["LEASE_SECONDS"] = "1"
    poison = {
        stage: place.step("upload", f"{stage}.md", f"# Poison\n\nWhoever comes to {stage} this ends.")
        for stage in STAGES
    }
    for attempt in (1, 2, 3):
        for stage, key in poison.items():
            assert place.fork("ingest", key, ASKIVE_FAILPOINT=f"{stage}:kill").wait() == -signal.SIGKILL
            assert place.row(key)["attempt"] == attempt
        time.sleep(1.1)  # its lease runs out, with nobody left to say why
        place.step("sweep")
    for key in poison.values():
        found = place.row(key)
        assert (found["status"], found["error_code"], found["active_generation"]) == (
            "failed",
            "crashed",
            None,
        )
        english, chinese = json.loads(place.step("says", key))
        assert "three times" in english
        assert "三次" in chinese
        assert place.step("ingest", key) == "False", "nobody takes it a fourth time"
    other = place.step("upload", "other.md", "# Other\n\nThis one is harmless.")
    assert place.step("ingest", other) == "True"
    assert place.row(other)["status"] == "ready"
    assert place.doctor() == []
