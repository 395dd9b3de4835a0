"""The reranker without weights prefers what stands together, and never invents a difference."""

from __future__ import annotations

import pytest

from apps.rag.rerankers.exact import references
from apps.rag.rerankers.lexical import LexicalReranker, exact_share
from apps.rag.sparse import fold

FILLER = "本单位各部门应当按照要求认真做好相关工作并及时反馈情况。" * 14
RERANKER = LexicalReranker()


def test_terms_in_one_sentence_beat_terms_far_apart() -> None:
    together = FILLER + "差旅住宿标准为每人每天四百元。"
    apart = "差旅审批流程如下。" + FILLER + "住宿登记表见附件。标准另行通知。"
    near, far, none = RERANKER.rerank("差旅住宿标准是多少？", [together, apart, FILLER])
    assert 1 >= near > far > none >= 0


def test_english_words_match_by_stem() -> None:
    filler = "The quick administration of unrelated matters continues every single morning. " * 6
    hit, miss = RERANKER.rerank(
        "Which policies were approved?", [filler + "The policy has approval.", filler]
    )
    assert hit > miss


def test_short_passages_are_left_to_the_fused_order() -> None:
    assert RERANKER.rerank("年假", ["年假十天", "其他"]) == [0.0, 0.0]


def test_scores_are_shares_even_for_odd_questions() -> None:
    for question in ("", "？", "的", "a", "x" * 5000, "第十二条"):
        scores = RERANKER.rerank(question, [FILLER, "", "第十二条" + FILLER])
        assert len(scores) == 3 and all(0 <= score <= 1 for score in scores)
    assert RERANKER.rerank("年假", []) == []


def test_too_many_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="100"):
        RERANKER.rerank("q", ["x"] * 101)


def test_exact_references_count_in_every_spelling() -> None:
    texts = [
        fold(text)
        for text in ("依据国发[2024]5号文件", "依据国发〔2024〕6号文件", "第十二条 假期", "《假期办法》")
    ]
    assert exact_share(fold("国发〔2024〕5号怎么说"), texts) == [1.0, 0.0, 0.0, 0.0]
    assert exact_share(fold("《假期办法》第12条"), texts) == [0.0, 0.0, 0.5, 0.5]
    assert exact_share(fold("年假怎么休"), texts) is None


@pytest.mark.parametrize(
    "text", ["第条", "年月日", "百分之", "第十百千万条", "9999999999999年99月", "第" * 500]
)
def test_malformed_references_are_no_fault(text: str) -> None:
    assert all(isinstance(found, str) for found in references(fold(text)))
