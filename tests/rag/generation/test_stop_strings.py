"""An answer ends before the first of the caller's stop strings, wherever the words are cut apart."""

from __future__ import annotations

import pytest

from apps.rag.stopping import StopCutter
from apps.rag.types import AnswerEvent, Delta, Failed, Finished, Reasoning, Usage


def told(stops: list[str], *events: AnswerEvent) -> tuple[str, list[AnswerEvent]]:
    """The words, and what else came."""
    cutter = StopCutter(stops, prompt_tokens=100)
    out: list[AnswerEvent] = []
    for event in events:
        out += cutter.take(event)
        if out and isinstance(out[-1], Finished):
            break  # as the reader of the events does
    words = "".join(one.text for one in out if isinstance(one, Delta))
    return words, [one for one in out if not isinstance(one, Delta)]


@pytest.mark.parametrize("size", [1, 2, 3, 50])
@pytest.mark.parametrize(
    ("text", "stops", "kept"),
    [
        ("年休假为五天。其余见第二条。", ["其余"], "年休假为五天。"),
        ("one two three", ["three", "two"], "one "),
        ("aab", ["ab"], "a"),
        ("ababac", ["abac"], "ab"),
        ("nothing here", ["\n\n", "###"], "nothing here"),
        ("ends in a beginning\n", ["\n\n"], "ends in a beginning\n"),
        ("stop", ["stop"], ""),
    ],
)
def test_the_words_before_the_first_stop_string_are_told(text, stops, kept, size):
    pieces = [Delta(text[at : at + size]) for at in range(0, len(text), size)]
    words, rest = told(stops, *pieces, Finished("length", Usage(7, 8)))
    assert words == kept
    if kept == text:
        assert rest == [Finished("length", Usage(7, 8))]
    else:
        (end,) = rest
        assert isinstance(end, Finished) and end.finish_reason == "stop"
        assert end.usage is not None and end.usage.prompt_tokens == 100 and end.usage.completion_tokens > 0


def test_thoughts_are_not_searched_for_stop_strings():
    words, rest = told(["\n"], Reasoning("first\nsecond"), Delta("said"), Finished("stop", None))
    assert words == "said" and rest[0] == Reasoning("first\nsecond")


def test_an_endpoint_that_stopped_before_the_first_word_made_no_fault():
    words, rest = told(["根据"], Failed("model_empty", "no word"))
    assert words == "" and isinstance(rest[0], Finished)
    assert told(["x"], Delta("said"), Failed("model_timeout", ""))[1] == [Failed("model_timeout", "")]
