"""Lexical vectors: the same term whatever its spelling, script or process."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apps.rag.sparse import BigramEncoder, fold, query_terms, stem, terms

ENCODER = BigramEncoder()


def shared(first: str, second: str) -> set[str]:
    return set(terms(fold(first))) & set(terms(fold(second)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("資訊網路採購規定", "资讯网路采购规定"),
        ("ＧＢ／Ｔ　７７１４", "GB/T 7714"),
        ("ISO 9001", "iso 9001"),
        ("①②③", "123"),
        ("cafe\u0301", "café"),
    ],
)
def test_folding_makes_spellings_equal(one: str, other: str) -> None:
    assert fold(one).split() == fold(other).split()


def test_chinese_gives_characters_and_bigrams() -> None:
    assert terms("年休假") == ["年", "休", "假", "年休", "休假"]


def test_english_words_are_stemmed() -> None:
    assert shared("The committees were approving regulations", "approved regulation committee") >= {
        "approv", "regul", "committe",
    }  # fmt: skip


def test_codes_and_numbers_stay_whole() -> None:
    found = set(terms(fold("按GB/T 7714-2015执行，金额1,234,567.50元，版本v2.3.1")))
    assert {"7714-2015", "1234567.50", "v2.3.1", "码:gb/t7714-2015"} <= found


@pytest.mark.parametrize(
    ("one", "other", "reference"),
    [
        ("第十二条", "第12条", "第12条"),
        ("第一百零五条之二", "第105条之2", "第105条之2"),
        ("Article 12", "第十二條", "第12条"),
        ("国发〔2024〕5号", "國發[2024] 5 號", "文号:2024-5"),
        ("二〇二四年五月三日", "2024-05-03", "日:2024-5-3"),
        ("May 3, 2024", "2024年5月3日", "日:2024-5-3"),
        ("百分之五", "5％", "数:5%"),
        ("12.5万元", "125,000元", "数:125000元"),
    ],
)
def test_a_reference_is_one_term_in_every_spelling(one: str, other: str, reference: str) -> None:
    assert reference in shared(one, other)


def test_questions_lose_the_words_that_only_ask() -> None:
    assert query_terms("年假是多少天？") == query_terms("年假是 天")
    assert query_terms("what is the deadline") == ["deadlin"]


def test_a_question_of_nothing_else_keeps_its_words() -> None:
    assert query_terms("the who") == ["the", "who"]
    assert query_terms("什么")


def test_punctuation_alone_has_no_terms() -> None:
    assert ENCODER.encode_query("？！…… --- 。").indices == ()
    assert ENCODER.encode_documents(["", "——"])[1].indices == ()


def test_ids_ascend_are_unique_and_fit_32_bits() -> None:
    vector = ENCODER.encode_documents(["年假规定与年假审批 annual leave annual"])[0]
    assert list(vector.indices) == sorted(set(vector.indices))
    assert vector.indices[0] >= 0 and vector.indices[-1] < 2**32
    assert len(vector.values) == len(vector.indices)


def test_repeating_a_term_saturates_and_length_lowers_weight() -> None:
    once, twice, long = ENCODER.encode_documents(["年", "年年", "年" + "其他文字" * 200])
    key = ENCODER.encode_query("年").indices[0]
    weight = [dict(zip(v.indices, v.values, strict=True))[key] for v in (once, twice, long)]
    assert weight[2] < weight[0] < weight[1] < 2 * weight[0]


def test_another_process_computes_the_same_vector() -> None:
    text = "依据《劳动法》第四十五条，annual leave 15 天"
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parents[3])!r})\n"
        "from apps.rag.sparse import BigramEncoder\n"
        f"print(BigramEncoder().encode_documents([{text!r}])[0])"
    )
    other = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60,
        env={"PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert other.stdout.strip() == str(ENCODER.encode_documents([text])[0])


@pytest.mark.parametrize("options", [{"k1": 0}, {"b": 2}, {"average_length": -1}])
def test_senseless_constants_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="BM25"):
        BigramEncoder(**options)


def test_threads_at_once_stem_as_one_does() -> None:
    words = [
        f"{letter}{word}"
        for letter in "abcdefghijklmnop"
        for word in ("eding", "ationally", "iness", "fulness")
    ]
    alone = [stem.__wrapped__(word) for word in words]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda _round: [stem.__wrapped__(word) for word in words], range(80)))
    finally:
        sys.setswitchinterval(usual)
    assert all(one == alone for one in found)
