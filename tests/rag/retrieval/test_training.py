"""What benchmarks/fitting.py learns from questions: lines that put the right passage first, one of them among rules."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import fitting

NAMES = ("fused", "dense", "no_dense", "dense_coverage", "title", "headings", "rules", "code")
TITLE, RULES, CODE = NAMES.index("title"), NAMES.index("rules"), NAMES.index("code")


def rows(column: int, *, rules: bool) -> list[tuple[str, np.ndarray, np.ndarray, int]]:
    """Questions of eight candidates, of which the one with the column is right."""
    made = []
    for number in range(120):
        table = np.random.default_rng(number).random((8, len(NAMES))) * 0.2
        table[:, RULES], table[:, CODE] = float(rules), 0.0
        right = np.arange(8) == number % 8
        table[right, column] = 1.0
        made.append((f"q{number}", table, right, 1))
    return made


@pytest.fixture(scope="module")
def learned() -> fitting.Lines:
    return fitting.lines([rows(TITLE, rules=False), rows(CODE, rules=True)], NAMES)


def test_each_kind_of_question_is_ranked_by_its_line(learned: fitting.Lines) -> None:
    assert fitting.measured(rows(TITLE, rules=False), learned) == (1.0, 1.0, 1.0)
    assert fitting.measured(rows(CODE, rules=True), learned) == (1.0, 1.0, 1.0)


def test_the_general_line_knows_no_rank(learned: fitting.Lines) -> None:
    assert learned.general[CODE] == 0 and learned.general[TITLE] > 1
    assert learned.rules[CODE] > 1


def test_without_questions_among_rules_the_general_line_serves_there() -> None:
    learned = fitting.lines([rows(TITLE, rules=False)], NAMES)
    assert (learned.rules == learned.general).all()


def test_what_no_set_of_rules_can_teach_is_taken_in_proportion() -> None:
    general = {"weights": {"fused": 2.0, "dense": 1.0, "no_dense": -0.5, "dense_coverage": 3.0}, "bias": 0.0}
    rules = {"weights": {"fused": 1.0, "dense": 0.0, "no_dense": 0.0, "dense_coverage": 0.0}, "bias": 0.0}
    assert fitting._with_dense(rules, general)["weights"] == {
        "fused": 1.0,
        "dense": 0.5,
        "no_dense": -0.25,
        "dense_coverage": 1.5,
    }
