"""What benchmarks/train_reranker.py asks of a set: the questions as they are, with words hidden, and in small cabinets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from apps.rag.evaluation import QuestionSet
from benchmarks import train_reranker
from benchmarks.fitting import Collected
from benchmarks.hiding import LEVELS

from .make import HashEmbedder, chunk

PLACES = ("harbour", "airport", "station", "museum", "library", "theatre", "market", "castle")


def ferries(language: str) -> QuestionSet:
    passages = {
        place: replace(chunk(f"The ferry to the {place} leaves at {hour}."), language=language)
        for hour, place in enumerate(PLACES, start=6)
    }
    questions = {f"q-{place}": f"When does the ferry leave for the {place}?" for place in PLACES}
    return QuestionSet("ferries", passages, questions, {f"q-{one}": frozenset({one}) for one in PLACES})


def collected(monkeypatch: pytest.MonkeyPatch, embedder: Any) -> dict[str, Collected]:
    monkeypatch.setattr(train_reranker, "SMALL", 4)
    found = train_reranker.collect(ferries("en"), ["How many days of leave are there?"], embedder=embedder)
    return {one.name: one for one in found}


def test_questions_are_asked_as_they_are_and_with_words_hidden_in_all_and_in_small_cabinets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = collected(monkeypatch, HashEmbedder("en"))
    hidden = [f"{level:.0%} hidden" for level in LEVELS]
    places = ("ferries", "ferries, small cabinets")
    assert set(found) == {*places, *(f"{place}, {level}" for place in places for level in hidden)}
    for place in places:
        assert found[place].times == train_reranker.AS_ASKED
        assert sum(len(found[f"{place}, {level}"].rows) for level in hidden) == len(PLACES)


def test_a_small_cabinet_holds_the_right_passage_and_few_others(monkeypatch: pytest.MonkeyPatch) -> None:
    found = collected(monkeypatch, HashEmbedder("en"))
    for name, most in (("ferries", 8), ("ferries, small cabinets", 4)):
        assert all(row.right.sum() == 1 and len(row.right) <= most for row in found[name].rows)
        assert all(len(row.signals) for row in found[name].rows)
    assert max(len(row.right) for row in found["ferries"].rows) > 4


def test_where_the_embedder_does_not_read_the_questions_nothing_is_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = collected(monkeypatch, HashEmbedder("zh"))
    assert list(found) == ["ferries"] and found["ferries"].times == 1


def test_the_verdict_sees_each_question_with_and_without_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = collected(monkeypatch, HashEmbedder("en"))["ferries"].verdicts
    assert [right for _, _, right in verdicts] == [1, 0] * len(PLACES) + [0]
    (_, with_answer, _), (_, without, _) = verdicts[:2]
    assert with_answer != without
