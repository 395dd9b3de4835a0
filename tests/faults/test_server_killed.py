"""kill -9 of the whole server at every stage, and of its parser child: each document ends whole."""

from __future__ import annotations

import psutil
import pytest

from benchmarks import product as products
from tests.faults.place import cabinet, document, finds, send, wait

pytestmark = pytest.mark.server

# Stage → how often the process comes by before it is to die: once more where it first finishes the document
# of the stage before.
STAGES = {"parse": 1, "chunk": 2, "embed": 2, "write": 2, "before-flip": 2, "after-flip": 2, "drop-old": 1}


def is_ready(product, key: str) -> bool:
    return document(product, key)["status"] == "ready"


def test_a_kill_at_any_stage_loses_nothing_and_leaves_nothing(place):
    home, keys = "", []
    for stage, times in STAGES.items():
        product = place.serve(ASKIVE_FAILPOINT=f"{stage}:kill:{times}")
        home = home or cabinet(product)
        for key in keys:
            wait(lambda key=key, product=product: is_ready(product, key))
        keys.append(send(product, home, f"{stage}.md", f"# {stage}\n\nThe rule of the stage {stage} holds."))
        assert product.process.wait(60) == -9, stage
    product = place.serve()
    try:
        for key in keys:
            wait(lambda key=key: is_ready(product, key))
        assert set(finds(product, "the rule of the stage holds")) <= set(keys)
        wait(lambda: place.doctor() == [], seconds=30)
        with product.client as client:  # a new generation of what is served, cut off after the flip
            client.post(f"/api/v1/documents/{keys[0]}/reindex")
            wait(lambda: is_ready(product, keys[0]))
    finally:
        assert products.stop(product) == 0
    assert place.doctor() == [], "also with the server stopped"


def test_a_parser_that_is_killed_is_started_again(place):
    product = place.serve(ASKIVE_FAILPOINT="parse:sleep:1")
    try:
        home = cabinet(product)
        key = send(product, home, "rules.md", "# Rules\n\nAsk before you buy.")
        server = wait(lambda: parsers(product.process.pid) or document(product, key)["status"] == "ready")
        for process in server if isinstance(server, list) else []:
            process.kill()
        wait(lambda: is_ready(product, key))
        assert document(product, key)["chunk_count"] == 1
        assert place.doctor() == []
    finally:
        products.stop(product)


def parsers(pid: int) -> list[psutil.Process]:
    """The fork servers of the parsers and what they forked."""
    children = psutil.Process(pid).children(recursive=True)
    return [child for child in children if "forkserver" in " ".join(child.cmdline())]
