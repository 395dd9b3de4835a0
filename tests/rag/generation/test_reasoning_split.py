"""Thinking and answer are told apart wherever the pieces are cut."""

from __future__ import annotations

import pytest

from apps.rag.reasoning import ReasoningSplitter, split_reasoning, thinks_first
from apps.rag.types import Reasoning


def split(pieces: list[str], *, starts_inside: bool = False) -> tuple[str, str, ReasoningSplitter]:
    splitter = ReasoningSplitter(starts_inside=starts_inside)
    events = [event for piece in pieces for event in splitter.feed(content=piece)] + splitter.finish()
    thought = "".join(event.text for event in events if isinstance(event, Reasoning))
    answer = "".join(event.text for event in events if not isinstance(event, Reasoning))
    return thought, answer, splitter


CASES = {
    "<think>想一想</think>\n\n五天。": ("想一想", "五天。"),
    "\n<thinking>a < b</thinking>5 days": ("a < b", "5 days"),
    "[THINK]x[/THINK]y": ("x", "y"),
    "<think></think>五天。": ("", "五天。"),
    "没有思考 <b> 的回答": ("", "没有思考 <b> 的回答"),
    "<table>不是标签": ("", "<table>不是标签"),
    "标签 <think> 在中间 </think> 是正文": ("", "标签 <think> 在中间 </think> 是正文"),
    "<think>没有结尾": ("没有结尾", ""),
}


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_the_cut_of_the_pieces_does_not_matter(text: str, expected: tuple[str, str]) -> None:
    for first in range(len(text) + 1):
        for second in range(first, len(text) + 1):
            assert split([text[:first], text[first:second], text[second:]])[:2] == expected
    assert split(list(text))[:2] == expected


def test_a_missing_opening_tag_is_noticed_and_then_known() -> None:
    text = "想一想。\n</think>\n\n五天。"
    for cut in range(len(text)):
        assert split([text[:cut], text[cut:]])[2].stray_close
        assert split([text[:cut], text[cut:]], starts_inside=True)[:2] == ("想一想。\n", "五天。")


def test_a_presumed_thinking_that_never_ends_was_the_answer() -> None:
    _, answer, _ = split(["五天", "。"], starts_inside=True)
    assert answer == "五天。"


def test_a_field_of_its_own_is_thinking() -> None:
    splitter = ReasoningSplitter(starts_inside=True)
    assert splitter.feed(reasoning="想") == [Reasoning("想")]
    assert [event.text for event in splitter.feed(content="五天") + splitter.finish()] == ["五天"]


def test_a_whole_text_is_split_alike() -> None:
    assert split_reasoning("<think>a</think>\nb") == ("a", "b")
    assert split_reasoning("a\n</think>\nb") == ("a", "b")
    assert split_reasoning("只有回答") == ("", "只有回答")


@pytest.mark.parametrize(
    ("model", "first"),
    [
        ("deepseek-r1", True),
        ("DeepSeek-R1-Distill-Qwen-7B", True),
        ("qwq-32b", True),
        ("qwen3-8b", False),
        ("gpt-4o", False),
    ],
)
def test_families_that_think_first_are_known_by_name(model: str, first: bool) -> None:
    assert thinks_first(model) is first
