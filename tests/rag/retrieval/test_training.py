"""What benchmarks/fitting.py learns from questions: lines that put the right passage first, one of them among rules."""

from __future__ import annotations

import numpy as np
import pytest

from apps.rag.evaluation import QuestionSet
from benchmarks import fitting
from benchmarks.fitting import Row
from benchmarks.hiding import LEVELS, hidden, level_of

from .make import chunk

NAMES = (
    "fused",
    "sparse",
    "dense",
    "no_dense",
    "dense_coverage",
    "title",
    "headings",
    "trust",
    "rules",
    "code",
)
SPARSE, DENSE, TITLE, RULES, CODE = (
    NAMES.index(name) for name in ("sparse", "dense", "title", "rules", "code")
)


def rows(
    column: int,
    *,
    rules: bool = False,
    signals: tuple[float, ...] = (),
    dense: bool = False,
    misleading: int | None = None,
) -> list[Row]:
    """Questions of eight candidates, of which the one with the column is right and another with the misleading one wrong."""
    made = []
    for number in range(120):
        table = np.random.default_rng(number).random((8, len(NAMES))) * 0.2
        table[:, RULES], table[:, CODE] = float(rules), 0.0
        right = np.arange(8) == number % 8
        table[:, DENSE] *= dense
        table[right, column] = 1.0
        if misleading is not None:
            table[np.roll(right, 1), misleading] = 1.0
        made.append(Row(f"q{number}", table, right, 1, np.array(signals)))
    return made


def perfect(questions: list[Row], learned: fitting.Lines) -> bool:
    return fitting.measured(questions, learned.of) == (1.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def learned() -> fitting.Lines:
    return fitting.lines([rows(TITLE), rows(CODE, rules=True)], NAMES)


def test_each_kind_of_question_is_ranked_by_its_line(learned: fitting.Lines) -> None:
    assert perfect(rows(TITLE), learned)
    assert perfect(rows(CODE, rules=True), learned)


def test_the_line_of_words_knows_no_rank(learned: fitting.Lines) -> None:
    assert learned.words[CODE] == 0 and learned.words[TITLE] > 1
    assert learned.rules[CODE] > 1


def test_a_kind_without_questions_takes_the_line_of_words() -> None:
    learned = fitting.lines([rows(TITLE)], NAMES)
    assert (learned.rules == learned.words).all()
    assert (learned.mixture.told == learned.words).all() and (learned.mixture.doubted == learned.words).all()


def test_trust_is_learned_from_when_words_tell() -> None:
    """The words' best hit stands out: the words are right. It does not: the meaning is."""
    told = rows(SPARSE, signals=(0.9, 0.3), dense=True, misleading=DENSE)
    doubted = rows(DENSE, signals=(0.1, 0.4), dense=True, misleading=SPARSE)
    learned = fitting.lines([told, doubted], NAMES)
    assert perfect(told, learned) and perfect(doubted, learned)
    assert learned.mixture.trust[0] > 0
    assert learned.mixture.told[SPARSE] > learned.mixture.doubted[SPARSE]
    assert learned.mixture.told[DENSE] < learned.mixture.doubted[DENSE]


def test_what_no_set_of_rules_can_teach_is_taken_in_proportion() -> None:
    told = {"weights": {"fused": 2.0, "dense": 1.0, "no_dense": -0.5, "dense_coverage": 3.0}, "bias": 0.0}
    rules = {"weights": {"fused": 1.0, "dense": 0.0, "no_dense": 0.0, "dense_coverage": 0.0}, "bias": 0.0}
    assert fitting._with_dense(rules, told)["weights"] == {
        "fused": 1.0,
        "dense": 0.5,
        "no_dense": -0.25,
        "dense_coverage": 1.5,
    }


PASSAGES = {"p": chunk("The ferry to the island leaves every morning at nine.")}
QUESTIONS = {f"q{number}": f"When does the ferry leave for islands today {number}?" for number in range(40)}
SET = QuestionSet("ferries", PASSAGES, QUESTIONS, dict.fromkeys(QUESTIONS, frozenset({"p"})))


def test_only_words_of_the_right_passage_are_hidden_and_the_same_ones_each_time() -> None:
    told = hidden(SET, 1.0)
    assert told == hidden(SET, 1.0) and told != QUESTIONS
    assert all("today" in text for text in told.values())
    kept = [text for text in told.values() if {"ferry", "islands"} <= set(text.split())]
    assert len(kept) < 5  # another question's word may be the same one
    assert any("qzferry" in text for text in told.values())
    assert hidden(SET, 0.0) == QUESTIONS


def test_each_question_has_one_level_of_hiding() -> None:
    assert {level_of(key) for key in QUESTIONS} == set(LEVELS)
    assert hidden(SET, 0.9, keys=["q1"]).keys() == {"q1"}
