"""A disk that is full while a file is read: the reason is said, nothing half stays, and with room again it is read."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.server
TEXT = "# Rules\n\n" + "\n\n".join(f"## Part {number}\n\nRule {number} holds. " * 3 for number in range(4000))


@pytest.fixture
def tiny(steps) -> Iterator[Path]:
    """A disk of 256 kB under the folder in which files are read."""
    folder = steps.data_dir / "scratch"
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a tmpfs")
    yield folder
    if os.path.ismount(folder):
        subprocess.run(["umount", "-l", str(folder)], check=True, timeout=60)


def test_a_full_disk_while_reading_is_said_and_mended(steps, tiny):
    key = steps.step("upload", "full.md", TEXT)
    once = ("hurry", key, "then", "ingest", key, "then", "read", key)
    told = steps.step(*once, "then", *once, "then", *once).split("\n")
    rows = [json.loads(line) for line in told[2::3]]
    assert [row["status"] for row in rows] == ["queued", "queued", "failed"], "it is tried again"
    assert {row["error_code"] for row in rows} == {"disk_full"}
    english, chinese = json.loads(steps.step("says", key))
    assert "full" in english
    assert "磁盘已满" in chinese
    assert list(tiny.iterdir()) == [], "nothing half is left on it"
    assert steps.doctor() == []
    subprocess.run(["umount", "-l", str(tiny)], check=True, timeout=60)
    steps.step("requeue", key, "then", "ingest", key)
    row = steps.row(key)
    assert (row["status"], row["error_code"]) == ("ready", "")
    assert steps.doctor() == []
