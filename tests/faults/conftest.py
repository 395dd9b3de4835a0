"""Each test of real processes starts from a copy of one migrated data folder (`template`, tests/conftest.py)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import product as products
from benchmarks.product import Product
from tests.faults.held import Store
from tests.faults.place import Place, cabinet, copied
from tests.services import free_port


@pytest.fixture
def place(template, tmp_path) -> Iterator[Place]:
    found = copied(template, tmp_path / "data")
    yield found
    found.close()


@pytest.fixture(scope="session")
def steps(template, tmp_path_factory) -> Iterator[Place]:
    """One data folder for tests whose workers are steps, one after the other. A lease ends after a second."""
    found = copied(template, tmp_path_factory.mktemp("steps") / "data", LEASE_SECONDS="1")
    yield found
    found.close()


@pytest.fixture(scope="session")
def stored(template, tmp_path_factory) -> Iterator[tuple[Place, Store]]:
    """A data folder whose store is a process of its own, not started yet."""
    folder, port = tmp_path_factory.mktemp("stored"), free_port()
    found = copied(template, folder / "data", FAULT_STORE=f"127.0.0.1:{port}", LEASE_SECONDS="2")
    yield found, Store(found, folder / "store", port)
    found.close()


@pytest.fixture(scope="session")
def running(template, tmp_path_factory) -> Iterator[tuple[Place, Product, str]]:
    """One server, its files on a tiny disk where we may mount one, and a cabinet there."""
    place = copied(template, tmp_path_factory.mktemp("running") / "data")
    place.extra["FAULT_EMBEDDER"] = "tests.faults.embedders.ChildEmbedder"
    files = place.data_dir / "files"
    files.mkdir(exist_ok=True)
    mounted = _mount(files)
    product = place.serve()
    try:
        yield place, product, cabinet(product)
        assert products.stop(product) == 0
        assert place.doctor() == []
    finally:
        if product.process.poll() is None:
            product.kill()
        place.close()
        if mounted:
            subprocess.run(["umount", "-l", str(files)], check=True, timeout=60)


def _mount(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, timeout=60).returncode == 0
