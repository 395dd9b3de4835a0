"""The reranker without weights prefers what stands together, and never invents a difference."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apps.rag.rerankers.exact import named_in, references
from apps.rag.rerankers.lexical import LexicalReranker, exact_share, spots_in
from apps.rag.sparse import fold, stem

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


SOURCES = Path(__file__).resolve().parents[3] / "apps" / "cabinets" / "demo" / "sources"
REFERRING = """国发〔2024〕5号文件第十二条规定，二〇二四年三月一日起，每人每天 3万元，按百分之八执行；另见 GB/T 7714-2015、
form 4321 和 Article 12，2024-03-01 与 March 1, 2024 同为一天。第三条之二、第 12 条第二款、12.5％、12%、五十元、50元、二0二四年3月。"""


@pytest.fixture(scope="module")
def real_texts() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(SOURCES.rglob("*.md"))]
    assert len(texts) > 5
    return [fold(text) for text in [REFERRING, REFERRING[40:], *texts]]


def test_reading_around_a_reference_finds_what_reading_everything_finds(real_texts: list[str]) -> None:
    everything = frozenset().union(*map(references, real_texts))
    assert {one[:2] for one in everything} >= {"文号", "第1", "月:", "日:", "数:", "码:"}
    for text in real_texts:
        assert named_in(text, everything) == references(text)
        for one in everything:
            assert named_in(text, frozenset([one])) == frozenset([one]) & references(text), one


def test_places_are_where_a_word_has_the_stem(real_texts: list[str]) -> None:
    """As if every word of the text was stemmed."""
    for text in real_texts:
        words = [(match.start(), stem(match.group())) for match in re.finditer(r"\b[^\W_]+", text)]
        wanted = sorted({found for _, found in words if found.isascii()})[::3][:120]
        numbers = {term: number for number, term in enumerate(wanted)}
        regular = [(at, numbers[found]) for at, found in words if found in numbers]
        begun = [(at, number) for at, number in regular if text.startswith(wanted[number][:-1], at)]
        assert (
            set(begun)
            >= set(spots_in(wanted, [text])[0])
            >= {(at, number) for at, number in begun if len(wanted[number]) > 3}
        )


@pytest.mark.parametrize(
    ("text", "spots"),
    [
        ("version 3.14 of pi", [(0, 1), (8, 0)]),
        ("14 and 3.14x", [(0, 2)]),
        ("my_version version", [(11, 1)]),
        ("新version", []),
        ("versions", [(0, 1)]),
        ("", []),
    ],
)
def test_a_joined_word_is_one_place_and_a_part_of_a_word_none(
    text: str, spots: list[tuple[int, int]]
) -> None:
    assert spots_in(["3.14", "version", "14"], [text]) == [spots]
