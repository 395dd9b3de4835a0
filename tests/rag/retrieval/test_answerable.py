"""The verdict "not in the documents", and the reranker that measures for it."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from apps.rag.answerable import SIGNALS
from apps.rag.fusion import SIGNALS as TRUST_SIGNALS
from apps.rag.rerankers.features import NAMES, Candidate, measure
from apps.rag.rerankers.learned import LearnedReranker
from apps.rag.rerankers.weights import LINES, PATH, read
from apps.rag.retrieval import RetrievalOptions

from .make import HashEmbedder, chunk
from .test_retrieval import Library, library  # noqa: F401

RULES = [
    "员工连续工作满一年不满十年的，年休假五天；满十年不满二十年的，年休假十天。",
    "出差人员的住宿费在限额标准以内凭发票据实报销，一类城市每人每天五百元。",
    "采购金额三万元以上的，由主管领导审批，并签订书面合同。",
    "办公用品每季度申领一次，由各部门综合管理员统一登记。",
]


def candidates(*texts: str, title: str = "") -> list[Candidate]:
    return [
        Candidate(chunk(text, title=title, index=n), n, 1 - n / 10, {"sparse": 1 - n / 10})
        for n, text in enumerate(texts)
    ]


def test_what_the_documents_hold_is_answerable_and_stands_above_what_they_do_not(library: Library) -> None:  # noqa: F811
    library.add(*(chunk(text) for text in RULES))
    reranker, embedder = LearnedReranker(), HashEmbedder("en")
    told = library.ask("年休假有几天", reranker=reranker, embedder=embedder).answerable
    strange = library.ask("火星探测器的发射窗口与轨道设计", reranker=reranker, embedder=embedder).answerable
    assert told is not None and told.answerable and told.score >= told.threshold
    assert strange is not None and strange.score < told.score


def test_nothing_found_is_not_answerable(library: Library) -> None:  # noqa: F811
    verdict = library.ask("年假", reranker=LearnedReranker()).answerable
    assert verdict is not None and (verdict.score, verdict.answerable) == (0.0, False)


def test_without_a_reranker_that_measures_there_is_no_verdict(library: Library) -> None:  # noqa: F811
    library.add(chunk(RULES[0]))
    assert library.ask("年休假", options=RetrievalOptions(rerank=False)).answerable is None


def test_features_are_shares() -> None:
    found = measure("年休假几天？", candidates(*RULES, "", title="休假管理办法"))
    assert found.rows.shape == (5, len(NAMES))
    assert np.isfinite(found.rows).all() and found.rows.min() >= 0 and found.rows.max() <= 1
    assert max(found.together) <= max(found.covered) <= 1


def test_the_passage_with_the_words_together_is_judged_better() -> None:
    near, far = "年休假为五天。", "年" + "。各项事务按规定办理" * 40 + "。休假另行通知，共五天。"
    judged = LearnedReranker().judge(
        "年休假五天", [Candidate(chunk(text), 0, 0.5, {"sparse": 0.5}) for text in (far, near)]
    )
    assert judged[1].score > judged[0].score
    assert judged[1].features["window"] > judged[0].features["window"]


def test_too_many_candidates_are_refused_and_none_is_fine() -> None:
    assert LearnedReranker().judge("年假", []) == []
    with pytest.raises(ValueError, match="100"):
        LearnedReranker().judge("年假", candidates(*["年假"] * 101))


def test_the_shipped_weights_name_every_feature_and_signal() -> None:
    shipped = read(PATH)
    assert set(shipped.lines) == set(LINES)
    assert all(set(line) == {*NAMES, ""} for line in shipped.lines.values())
    assert set(shipped.answer) == set(SIGNALS) and set(shipped.trust) == set(TRUST_SIGNALS)
    assert 0 < shipped.threshold < 1


def test_a_broken_file_of_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.json").write_text(json.dumps({"lines": {}}))
    with pytest.raises(KeyError):
        read(tmp_path / "weights.json")


def test_mates_of_the_same_document_support() -> None:
    document = uuid4()
    alone = Candidate(chunk("年假"), 0, 0.9, {})
    mates = [Candidate(chunk("年假", document=document, index=n), n, 0.9, {}) for n in (1, 2)]
    support = measure("年假", [alone, *mates]).rows[:, NAMES.index("support")]
    assert support[0] == 0 and support[1] == support[2] > 0.5
