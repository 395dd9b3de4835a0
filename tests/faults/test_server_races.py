"""One running server: the same file fifty times at once, searches during re-indexing, a locked database, a
full disk. The doctor asks it from beside and finds nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from benchmarks import product as products
from benchmarks.product import Product
from tests.faults.place import Place, cabinet, copied, document, finds, send, wait

pytestmark = pytest.mark.server
TEXT = "# Rules\n\n" + "\n\n".join(f"## Part {number}\n\nRule {number} holds." for number in range(40))


@pytest.fixture(scope="module")
def running(template, tmp_path_factory) -> Iterator[tuple[Place, Product, str]]:
    place = copied(template, tmp_path_factory.mktemp("races") / "data")
    product = place.serve()
    yield place, product, cabinet(product)
    assert products.stop(product) == 0
    assert place.doctor() == []


def is_ready(product: Product, key: str) -> bool:
    return document(product, key)["status"] == "ready"


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
        time.sleep(3)
        assert not sent.done()
        other.execute("COMMIT")
        key = sent.result(60)
    other.close()
    wait(lambda: is_ready(product, key))
    assert place.doctor() == []


@pytest.fixture
def tiny_disk(tmp_path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True
    )
    if os.geteuid() != 0 or mounted.returncode:
        pytest.skip("needs the right to mount a tiny file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_refuses_an_upload_and_leaves_no_half_file(template, tiny_disk, tmp_path):
    place = copied(template, tmp_path / "data")
    (place.data_dir / "files").rmdir() if (place.data_dir / "files").is_dir() else None
    (place.data_dir / "files").symlink_to(tiny_disk)
    product = place.serve()
    try:
        home = cabinet(product)
        with product.client as client:
            answer = client.post(
                "/api/v1/documents",
                data={"cabinet_id": home},
                files=[("file", ("big.md", b"# x\n" * 3_000_000))],
            )
            assert answer.status_code in {500, 503, 507, 422}, answer.text
            assert client.get("/api/v1/documents").json()["items"] == []
        assert not list(tiny_disk.glob("*.part")) + list(tiny_disk.glob(".*.part"))
        key = send(product, home, "small.md", "# Small\n\nIt fits.")
        wait(lambda: is_ready(product, key))
        assert place.doctor() == []
    finally:
        products.stop(product)
