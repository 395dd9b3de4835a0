"""Citation marks are understood in every form that models write, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.rag.citations import Mark, cited_numbers, normalise, settled_length, split_marks, strip_marks

ALLOWED = {1, 2, 3}
FORMS = {
    "五天[1]。": "五天[1]。",
    "五天[1, 2]。": "五天[1][2]。",
    "五天[1][2]": "五天[1][2]",
    "五天[1-3]": "五天[1][2][3]",
    "五天[1–2]": "五天[1][2]",
    "五天[1至3]": "五天[1][2][3]",
    "五天【1】": "五天[1]",
    "五天【2†source】": "五天[2]",
    "五天［１］": "五天[1]",
    "五天[^3]": "五天[3]",
    "五天[[2]]": "五天[2]",
    "五天（来源1、2）": "五天[1][2]",
    "五天[来源 2]": "五天[2]",
    "five (Source 3)": "five [3]",
    "five [sources 1 and 3]": "five [1][3]",
    "五天[1, 9]": "五天[1][9]",
}
UNTOUCHED = [
    "国办发〔2024〕5号",
    "[2024]",
    "[9]",
    "[1](https://example.com)",
    "（1）第一项",
    "(2) second",
    "`a[1]`",
    "```python\na[1]\n```",
    "~~~\nx[1]\n~~~",
    "```\nunfinished [1]",
    "[2020-2024]",
    "[x] [ ]",
    "[1",
]


@pytest.mark.parametrize(("text", "canonical"), FORMS.items())
def test_a_form_becomes_canonical(text: str, canonical: str) -> None:
    assert normalise(text, ALLOWED) == canonical
    assert normalise(canonical, ALLOWED) == canonical


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_no_citation_stays(text: str) -> None:
    assert normalise(text, ALLOWED) == text
    assert cited_numbers(text, ALLOWED) == []


def test_numbers_come_once_in_order() -> None:
    assert cited_numbers("a[3] b[1, 3] `x[2]` c[7]", ALLOWED) == [3, 1]


def test_without_sources_nothing_is_a_citation() -> None:
    assert normalise("a[1]【2】", set()) == "a[1]【2】"


def test_marks_carry_their_places() -> None:
    assert split_marks("年假五天【1】。", ALLOWED) == ["年假五天", Mark(4, 7, (1,)), "。"]
    assert strip_marks("Five days [1][2].") == "Five days."


@given(st.text(alphabet="[]【】［］()（）^1239,、-–来源Sc `~\n年", max_size=60))
def test_the_pieces_are_the_text_and_normalising_keeps_the_citations(text: str) -> None:
    pieces = [
        text[part.start : part.end] if isinstance(part, Mark) else part for part in split_marks(text, ALLOWED)
    ]
    assert "".join(pieces) == text
    assert cited_numbers(normalise(text, ALLOWED), ALLOWED) == cited_numbers(text, ALLOWED)


def test_a_mark_before_a_bracket_does_not_become_a_link() -> None:
    assert normalise("五天【1】(见附件)", ALLOWED) == "五天[1] (见附件)"


@pytest.mark.parametrize("text", ["五天[1, 2]。下文", "five 【12†source】 and", "按（来源1、2）执行"])
def test_a_growing_text_never_shows_half_a_mark(text: str) -> None:
    for length in range(len(text) + 1):
        shown = text[: settled_length(text[:length])]
        assert normalise(text, {1, 2, 12}).startswith(normalise(shown, {1, 2, 12}).rstrip(" "))


def test_an_open_bracket_of_other_text_is_not_held_back() -> None:
    assert settled_length("见（附件一") == 5
    assert settled_length("a [link") == 7
