"""A file that takes its worker's process with it, each time: it is set aside with a sentence, and the rest goes on."""

from __future__ import annotations

import json
import signal
import time

import pytest

pytestmark = pytest.mark.server


@pytest.mark.parametrize("stage", ["parse", "write"])
def test_a_file_that_kills_its_worker_three_times_is_set_aside(place, stage):
    place.extra["LEASE_SECONDS"] = "1"
    poison = place.step("upload", "poison.md", "# Poison\n\nWhoever reads this ends.")
    for attempt in (1, 2, 3):
        assert place.fork("ingest", poison, ASKIVE_FAILPOINT=f"{stage}:kill").wait() == -signal.SIGKILL
        assert place.row(poison)["attempt"] == attempt
        time.sleep(1.1)  # its lease runs out, with nobody left to say why
        place.step("sweep")
    found = place.row(poison)
    assert (found["status"], found["error_code"], found["active_generation"]) == ("failed", "crashed", None)
    english, chinese = json.loads(place.step("says", poison))
    assert "three times" in english
    assert "三次" in chinese
    assert place.step("ingest", poison) == "False", "nobody takes it a fourth time"
    other = place.step("upload", "other.md", "# Other\n\nThis one is harmless.")
    assert place.step("ingest", other) == "True"
    assert place.row(other)["status"] == "ready"
    assert place.doctor() == []
