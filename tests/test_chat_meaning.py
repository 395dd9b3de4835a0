"""The model that checks answers is chosen, measured once, kept, and never in the way."""

from __future__ import annotations

from math import inf

import pytest
from django.core.cache import cache

from apps.chat import evidence
from apps.rag.errors import RagError
from apps.rag.meaning import Bounds, EmbedderComparer, RerankerComparer
from apps.rag.rerankers.endpoint import EndpointReranker


@pytest.fixture
def later(settings, monkeypatch, rag, db):
    """What would be measured in a thread."""
    settings.CHECK_MEANING = True
    kept = []
    monkeypatch.setattr(evidence, "_measure_later", kept.append)
    return kept


def test_the_embedder_compares_where_the_reranker_reads_no_meaning(later):
    assert isinstance(evidence.comparer(), EmbedderComparer)


def test_a_reranker_that_is_a_model_comes_first(later, settings):
    backend = {
        "BACKEND": "apps.rag.rerankers.endpoint.EndpointReranker",
        "OPTIONS": {"base_url": "http://127.0.0.1:9"},
    }
    settings.RAG = {**settings.RAG, "RERANKER": backend}
    found = evidence.comparer()
    assert isinstance(found, RerankerComparer) and found.name == "reranker:rerank"
    assert EndpointReranker.reads_meaning


def test_it_is_measured_once_and_asked_from_then_on(later):
    assert evidence.meaning() is None and len(later) == 1
    cache.set(evidence._key(later[0]), {"en": (0.6, 0.4, 0.3)})
    assert evidence.meaning() is not None and len(later) == 1


def test_one_that_fails_or_is_of_no_use_is_not_asked(later, monkeypatch):
    def fails(_comparer):
        raise RagError("gone")

    monkeypatch.setattr(evidence, "measured", fails)
    evidence.measure(evidence.comparer())
    assert evidence.meaning() is None and later == []


def test_searches_come_first_where_many_answers_are_written(later, monkeypatch):
    cache.set(evidence._key(evidence.comparer()), {"en": (0.6, 0.4, 0.3)})
    assert evidence.meaning() is not None
    monkeypatch.setattr("apps.chat.running.count", lambda: 17)
    assert evidence.meaning() is None and later == []


def test_what_was_measured_outlives_the_process(later, settings, monkeypatch):
    monkeypatch.setattr(evidence, "measured", lambda _comparer: {"en": Bounds(inf, 0.4, 0.3)})
    evidence.measure(evidence.comparer())
    cache.clear()
    assert evidence.meaning() is not None and later == []
    (settings.DATA_DIR / "meaning.json").write_text("{")
    cache.clear()
    assert evidence.meaning() is None and len(later) == 1


def test_it_can_be_switched_off(later, settings):
    settings.CHECK_MEANING = False
    assert evidence.meaning() is None and later == []


@pytest.mark.django_db(transaction=True)
def test_an_answer_says_what_decided_about_each_sentence(live, model, knowledge, later):
    from tests.chatting import Asker

    bob = Asker(live, knowledge.bob)
    events = bob.ask("年休假有几天？")
    assert {check["by"] for check in dict(events)["done"]["checks"]} == {"words"}
    assert len(later) == 1
