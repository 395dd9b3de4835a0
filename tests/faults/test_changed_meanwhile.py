"""A document is deleted, moved, asked for anew or taken from its readers while a worker is at it, at every stage: the
change wins. The worker is a process of its own, stopped at the stage; the change comes from another one.
"""

from __future__ import annotations

import json
import os
import signal

import psutil
import pytest

from tests.faults.forks import Fork
from tests.faults.place import Place, wait

pytestmark = pytest.mark.server
STAGES = ("parse", "chunk", "embed", "write", "before-flip", "after-flip")
CHANGES = ("delete", "move", "requeue", "revoke")
TEXT = "# Rules\n\n" + "\n\n".join(f"## Part {number}\n\nRule {number} holds." for number in range(9))
Keys = dict[tuple[str, str], str]  # (stage, change) → document


@pytest.fixture(scope="module")
def shared(stored) -> Place:
    place, store = stored
    store.start()
    return place


@pytest.fixture(scope="module")
def keys(shared) -> Keys:
    """Each of them was changed at its stage, and all work is done."""
    keys = uploaded(shared)
    work = [words for key in keys.items() for words in stopping_at(*key)]
    worker = shared.fork(*chained([("preload",), *work]))
    for (stage, change), key in keys.items():
        wait(lambda key=key: is_stopped_at(worker, key))
        name = [f"New {stage}"] if change == "move" else []
        shared.step(change, key, *name)
        os.kill(worker.pid, signal.SIGCONT)
    assert worker.wait() == 0, worker.complained()
    last = {"delete": "remove", "move": "moved", "requeue": "ingest"}
    left = [(last[change], key) for (_stage, change), key in keys.items() if change in last]
    shared.step(*chained([*left, ("sweep",)]))
    return keys


def uploaded(place: Place) -> Keys:
    wanted = [(stage, change) for stage in STAGES for change in CHANGES]
    commands = [("reader", "bob")]
    for stage, change in wanted:
        named = (f"{stage}-{change}.md", f"{TEXT}\n\n{stage}, {change}.")
        commands.append(("lend", *named, "bob") if change == "revoke" else ("upload", *named))
    _bob, *keys = place.step(*chained(commands)).split("\n")
    return dict(zip(wanted, keys, strict=True))


def stopping_at(case: tuple[str, str], key: str) -> list[tuple[str, ...]]:
    return [("at", case[0]), ("say", key), ("ingest", key)]


def chained(commands) -> list[str]:
    return [word for command in commands for word in ("then", *command)][1:]


def is_stopped_at(worker: Fork, key: str) -> bool:
    """Whether the worker sleeps in the work on this document."""
    at_it = worker.output.exists() and worker.said().endswith(key)
    return at_it and psutil.Process(worker.pid).status() == psutil.STATUS_STOPPED


def of(keys: Keys, *changes: str) -> list[str]:
    return [key for (_stage, change), key in keys.items() if change in changes]


def rows(place: Place, keys: list[str]) -> list[dict]:
    told = place.step(*chained(("read", key) for key in keys))
    return [json.loads(line) for line in told.split("\n")]


def test_what_was_deleted_at_any_stage_is_gone(shared, keys):
    deleted = of(keys, "delete")
    assert shared.step(*chained(("gone", key) for key in deleted)).split("\n") == ["True"] * len(STAGES)


def test_what_was_moved_at_any_stage_is_served_where_it_went(shared, keys):
    moved = rows(shared, of(keys, "move"))
    assert {row["status"] for row in moved} == {"ready"}
    assert len({row["folder_id"] for row in moved}) == len(STAGES), "each in the folder it was moved to"


def test_what_was_asked_for_anew_at_any_stage_is_made_anew(shared, keys):
    for row in rows(shared, of(keys, "requeue")):
        assert (row["status"], row["error_code"]) == ("ready", "")
        assert row["active_generation"] == row["generation"] >= 2


def test_who_lost_the_right_at_any_stage_finds_nothing_of_it_and_everything_else(shared, keys):
    readable = of(keys, "move", "requeue")
    found = shared.step("seen", "bob", *readable, *of(keys, "revoke"))
    assert json.loads(found) == readable
    assert {row["status"] for row in rows(shared, of(keys, "revoke"))} == {"ready"}


def test_the_doctor_finds_nothing_after_it(shared, keys):
    assert shared.doctor() == []
