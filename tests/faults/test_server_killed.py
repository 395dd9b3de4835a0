"""kill -9 of the whole server at every stage: each document ends whole."""

from __future__ import annotations

import pytest

from benchmarks import product as products
from tests.faults.place import cabinet, finds, is_ready, send_the_last, wait

pytestmark = pytest.mark.server

# Stage → how often the process comes by before it is to die: once more where it first finishes the document
# of the stage before.
STAGES = {
    "parse": 1,
    "chunk": 2,
    "embed": 2,
    "write": 2,
    "batch": 2,
    "before-flip": 2,
    "after-flip": 2,
    "drop-old": 1,
}


def test_a_kill_at_any_stage_loses_nothing_and_leaves_nothing(place):
    home, keys = "", []
    for stage, times in STAGES.items():
        product = place.serve(ASKIVE_FAILPOINT=f"{stage}:kill:{times}")
        home = home or cabinet(product)
        for key in keys:
            wait(lambda key=key, product=product: is_ready(product, key))
        keys.append(
            send_the_last(product, home, f"{stage}.md", f"# {stage}\n\nThe rule of the stage {stage} holds.")
        )
        assert product.process.wait(300) == -9, stage
    product = place.serve()
    try:
        for key in keys:
            wait(lambda key=key: is_ready(product, key))
        assert set(finds(product, "the rule of the stage holds")) <= set(keys)
        wait(lambda: place.doctor() == [])
        with product.client as client:  # a new generation of what is served, cut off after the flip
            client.post(f"/api/v1/documents/{keys[0]}/reindex")
            wait(lambda: is_ready(product, keys[0]))
    finally:
        assert products.stop(product) == 0
    assert place.doctor() == [], "also with the server stopped"
