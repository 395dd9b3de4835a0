"""When a golden question counts as passed: found, cited, its words said; and refused where nothing answers it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from apps.quality.judging import judge
from apps.rag.extractive import CLOSEST
from apps.rag.prompts import NOT_FOUND
from apps.rag.types import Chunk, ScoredChunk

RIGHT, OTHER = uuid4(), uuid4()
PASSAGE = ScoredChunk(Chunk(uuid4(), RIGHT, 1, 0, "休假", "年休假为十天。"), 1.0)


def outcome(answer: str, *, cited=(RIGHT,), words=(), unanswerable: bool = False):
    return judge(
        passages=[PASSAGE],
        cited=cited,
        answer=answer,
        expected=() if unanswerable else (RIGHT,),
        passage="",
        words=words,
        unanswerable=unanswerable,
    )


def test_an_answer_passes_with_the_right_document_and_the_words():
    assert outcome("年休假为 十天 [1]。", words=("十天",)).passed
    assert not outcome("年休假为五天 [1]。", words=("十天",)).passed
    assert not outcome("年休假为十天 [1]。", cited=(OTHER,)).passed
    assert not outcome("年休假为十天。", cited=()).passed


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_nothing_answers_is_refused_by_saying_so(language):
    closest = f"{CLOSEST[language]}\n\n- 年休假为十天。 [1]"
    assert outcome(NOT_FOUND[language], cited=(), unanswerable=True).passed
    assert outcome(closest, unanswerable=True).passed
    assert not outcome("年休假为十天 [1]。", unanswerable=True).passed
