"""Figures of a search: worked out by hand."""

from __future__ import annotations

import math

import pytest

from apps.rag.measuring import Outcome, by_language, figures


def test_places_become_recall_reciprocal_and_gain() -> None:
    found = figures([Outcome("zh", ["a", "b", "c"], {"b", "c"}), Outcome("zh", ["x"], {"x"}, milliseconds=4)])
    assert (found.questions, found.recall_1, found.recall_10, found.mrr_10) == (2, 0.5, 1.0, 0.75)
    gain = (1 / math.log2(3) + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    assert found.ndcg_10 == pytest.approx((gain + 1) / 2)
    assert found.median_ms == 2


def test_a_name_found_twice_counts_once() -> None:
    assert figures([Outcome("zh", ["a", "a"], {"a"})]).ndcg_10 == 1.0


def test_refusals_have_precision_and_recall() -> None:
    outcomes = [
        Outcome("zh", ["a"], {"a"}, answerable=True),
        Outcome("zh", ["a"], {"a"}, answerable=False),
        Outcome("en", ["a"], (), answerable=False),
        Outcome("en", ["a"], (), answerable=True),
    ]
    found = figures(outcomes)
    assert (found.unanswerable, found.refusal_precision, found.refusal_recall) == (2, 0.5, 0.5)
    assert by_language(outcomes)["en"].refusal_recall == 0.5
    assert by_language(outcomes)["zh"].refusal_recall is None


def test_without_verdicts_nothing_is_said_of_refusals() -> None:
    found = figures([Outcome("zh", [], ())])
    assert (found.refusal_precision, found.refusal_recall, found.recall_10) == (None, None, 0.0)


def test_nothing_asked_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing"):
        figures([])
