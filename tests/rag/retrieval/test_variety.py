"""The list that is shown: no passage twice, no document alone, as long as there is something else as good."""

from __future__ import annotations

from uuid import UUID, uuid4

from apps.rag.ranking import Ranked, alike, diversify
from apps.rag.rerankers.features import Candidate

from .make import chunk

LONG = "员工因公出差的，住宿费在限额标准以内凭发票据实报销，超出部分由个人承担，特殊情况须经部门负责人书面批准后方可列支。"


def ranked(text: str, score: float, *, document: UUID | None = None, index: int = 0) -> Ranked:
    return Ranked(Candidate(chunk(text, document=document, index=index), index, score, {}), score, {})


def test_of_passages_that_say_the_same_the_best_is_shown() -> None:
    best, twin, other = ranked(LONG, 0.9), ranked(LONG.replace("书面", "书 面"), 0.8), ranked("别的内容", 0.7)
    ordered = diversify([best, twin, other], limit=2)
    assert [one.score for one in ordered] == [0.9, 0.7, 0.8]
    assert (twin.dropped_by, twin.like) == ("duplicate", best.candidate.chunk.id)
    assert (other.dropped_by, best.dropped_by) == (None, None)


def test_a_twin_is_shown_where_nothing_else_is_there() -> None:
    ordered = diversify([ranked(LONG, 0.9), ranked(LONG, 0.8)], limit=5)
    assert [one.dropped_by for one in ordered] == [None, None]


def test_one_document_does_not_fill_the_list() -> None:
    document = uuid4()
    same = [ranked(f"第{i}段各不相同的内容", 0.9 - i / 100, document=document, index=i) for i in range(6)]
    others = [ranked(f"另一份文件 {i}", 0.7, index=10 + i) for i in range(4)]
    shown = [one for one in diversify([*same, *others], limit=5) if one.dropped_by is None]
    assert [one.candidate.chunk.document_id == document for one in shown] == [True] * 3 + [False] * 2
    assert same[3].dropped_by == "document_cap"


def test_one_document_may_fill_it_where_the_rest_is_far_worse() -> None:
    document = uuid4()
    same = [ranked(f"第{i}段各不相同的内容", 0.9, document=document, index=i) for i in range(5)]
    shown = diversify([*same, ranked("无关", 0.1)], limit=5)[:5]
    assert {one.candidate.chunk.document_id for one in shown} == {document}


def test_what_did_not_fit_is_told_as_the_limit() -> None:
    ordered = diversify([ranked(f"内容 {i}", 1 - i / 10) for i in range(4)], limit=3)
    assert [one.dropped_by for one in ordered] == [None, None, None, "limit"]


def test_short_texts_are_alike_only_when_they_are_equal() -> None:
    assert alike("年假 15 天", "年假 15 天")
    assert not alike("年假 15 天", "年假 16 天")
    assert not alike(LONG, LONG * 2)
