"""One running server: the same file fifty times at once, searches during re-indexing, a locked database, a
full disk. The doctor asks it from beside and finds nothing."""

from __future__ import annotations

import os
import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from benchmarks.product import Product
from tests.faults.place import Place, document, finds, is_ready, send, wait

pytestmark = pytest.mark.server
TEXT = "# Rules\n\n" + "\n\n".join(f"## Part {number}\n\nRule {number} holds." for number in range(40))


def test_the_same_file_fifty_times_at_once_is_one_document(running):
    place, product, home = running
    with ThreadPoolExecutor(50) as threads:
        keys = set(threads.map(lambda _: send(product, home, "same.md", TEXT), range(50)))
    assert len(keys) == 1
    key = keys.pop()
    wait(lambda: is_ready(product, key))
    assert document(product, key)["generation"] == 1
    assert place.doctor() == []


@pytest.mark.parametrize("whole", [False, True], ids=["one document", "the whole index"])
def test_searches_during_a_reindex_never_miss(running, whole):
    place, product, home = running
    key = send(product, home, "searched.md", TEXT + "\n\nThe lighthouse is painted red.")
    wait(lambda: is_ready(product, key))
    stop, faults = threading.Event(), []

    def look() -> None:
        while not stop.is_set():
            try:
                if key not in finds(product, "lighthouse painted red"):
                    faults.append("not found")
            except (AssertionError, httpx.HTTPError) as error:
                faults.append(repr(error))
            time.sleep(0.02)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        if whole:
            done = place.run("manage.py", "reindex")
            assert done.returncode == 0, done.stderr[-2000:]
            time.sleep(2)  # the server goes over to it
        else:
            for _round in range(3):
                with product.client as client:
                    client.post(f"/api/v1/documents/{key}/reindex")
                wait(lambda: is_ready(product, key))
    finally:
        stop.set()
        thread.join(60)
    assert faults == []
    assert place.doctor() == []


def test_a_database_that_another_process_locks_for_a_while_costs_time_only(running):
    place, product, home = running
    other = sqlite3.connect(place.data_dir / "askive.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with ThreadPoolExecutor(1) as threads:
        sent = threads.submit(send, product, home, "locked.md", "# Locked\n\nIt waited.")
        time.sleep(1)
        assert not sent.done()
        other.execute("COMMIT")
        key = sent.result(60)
    other.close()
    wait(lambda: is_ready(product, key))
    assert place.doctor() == []


def test_a_full_disk_refuses_an_upload_with_a_sentence_and_leaves_no_half_file(running):
    place, product, home = running
    with product.client as client, files_limited(place, product):
        before = documents(client)
        big = [("file", ("big.md", b"# x\n" * 3_000_000))]
        answer = client.post("/api/v1/documents", data={"cabinet_id": home}, files=big)
        assert (answer.status_code, answer.json()["type"]) == (507, "urn:askive:problem:disk_full")
        assert "full" in answer.json()["detail"]
        assert documents(client) == before
    assert not list((place.data_dir / "files").glob(".*.part"))
    key = send(product, home, "small.md", "# Small\n\nIt fits.")
    wait(lambda: is_ready(product, key))
    assert place.doctor() == []


def documents(client: httpx.Client) -> set[str]:
    return {item["id"] for item in client.get("/api/v1/documents", params={"limit": 200}).json()["items"]}


@contextmanager
def files_limited(place: Place, product: Product) -> Iterator[None]:
    """A tiny disk under the files; where we may not mount one, the process may write no large file."""
    if os.path.ismount(place.data_dir / "files"):
        yield
        return
    kind, pid = resource.RLIMIT_FSIZE, product.process.pid
    usual = resource.prlimit(pid, kind)
    resource.prlimit(pid, kind, (8 * 2**20, usual[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, kind, usual)
