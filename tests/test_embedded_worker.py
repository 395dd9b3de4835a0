"""The embedded worker looks after the index beside its other work."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.test import override_settings

from apps.cabinets.embedded import EmbeddedWorker
from apps.rag import components
from apps.rag.errors import StoreError
from apps.rag.stores import edge_graph
from apps.rag.stores.edge import EdgeStore
from tests.rag.retrieval.make import DIMENSION
from tests.rag.retrieval.test_edge_graph import fill, folders


@pytest.mark.django_db(transaction=True)
@override_settings(SWEEP_SECONDS=0.02)
def test_an_index_that_grew_gets_its_graph_even_after_a_round_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EdgeStore(tmp_path / "index")
    store.prepare(dimension=DIMENSION)
    fill(store, 150)
    before = folders(store)
    monkeypatch.setattr(edge_graph, "LEAST", 100)
    rounds = [StoreError("the disk is away")]

    def away_at_first() -> EdgeStore:
        if rounds:
            raise rounds.pop()
        return store

    monkeypatch.setattr(components, "store", away_at_first)
    worker = EmbeddedWorker()
    thread = threading.Thread(target=worker._maintain)
    thread.start()
    for _ in range(400):
        if folders(store) != before and len(folders(store)) == 1:
            break
        thread.join(0.05)
    worker._stopping.set()
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert folders(store) != before
    assert store.count() == 150
    assert not rounds
    store.close()
