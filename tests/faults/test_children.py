"""kill -9 of the children of a running server, in the middle of their work: the document is whole in the end."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from benchmarks.product import Product
from tests.faults.place import document, finds, is_ready, send, wait

pytestmark = pytest.mark.server
LONG = "# Long\n\n" + "\n\n".join(f"## Part {number}\n\n" + "It holds. " * 60 for number in range(250))


def parsers(product: Product) -> tuple[list[psutil.Process], list[psutil.Process]]:
    """(fork servers of the parsers, what they forked)"""
    children = psutil.Process(product.process.pid).children(recursive=True)
    found = {child.pid: child for child in children if "apps.rag.parsing" in " ".join(child.cmdline())}
    forked = [child for child in found.values() if child.ppid() in found]
    return [child for child in found.values() if child.ppid() not in found], forked


def held(product: Product) -> psutil.Process | None:
    """A parser child, stopped in the middle of its file."""
    try:
        for child in parsers(product)[1]:
            child.suspend()
            return child
    except psutil.NoSuchProcess:
        return None
    return None


@pytest.mark.parametrize("what", ["child", "fork server"])
def test_a_parser_that_is_killed_in_the_middle_of_a_file_costs_an_attempt(running, what):
    place, product, home = running
    key = send(product, home, f"{what}.md", f"{LONG}\n\nThe {what} was killed.")
    child = wait(lambda: held(product))
    for process in [child] if what == "child" else [*parsers(product)[0], child]:
        process.kill()
    wait(lambda: is_ready(product, key))
    assert document(product, key)["generation"] == 2, "the first attempt ended with the child"
    assert key in finds(product, f"the {what} was killed")
    assert place.doctor() == []


@pytest.mark.parametrize(("kills", "generation"), [(1, 1), (2, 2)])
def test_an_embedding_child_that_is_killed_in_the_middle_of_a_batch_is_replaced(running, kills, generation):
    """Once, its batch goes to the next child; twice, the attempt is over and another one begins."""
    place, product, home = running
    name = f"batch{kills}"
    text = f"# Batch\n\nThe batch {name} was cut off.\n\nThe child waits {kills} times as {name}."
    key = send(product, home, f"{name}.md", text)
    for number in range(1, kills + 1):
        mark: Path = place.data_dir / f"{name}-{number}"
        wait(mark.exists)
        os.kill(int(mark.read_text()), signal.SIGKILL)
    wait(lambda: is_ready(product, key))
    assert document(product, key)["generation"] == generation
    assert key in finds(product, f"batch {name} cut off")
    assert place.doctor() == []
