"""Without a model the best sentence is quoted, cited, or honestly missing."""

from __future__ import annotations

import pytest

from apps.rag.citations import cited_numbers
from apps.rag.extractive import extract_answer
from tests.rag.generation.passages import handbook, source

ANSWERS = {
    "经理出差住宿标准是多少？": ("住宿（元/晚）：600", 1),
    "员工的伙食补贴多少钱": ("伙食补贴：100", 1),
    "年假有几天？": ("带薪年休假5天", 2),
    "年假可以跨年使用吗": ("次年3月31日前休完", 2),
    "人力资源部的电话是多少": ("010-62345678", 2),
    "人力资源部联系人是谁": ("王敏", 2),
    "How much can I claim for meals?": ("$75 per day", 3),
    "When must claims be filed?": ("within 30 days", 3),
    "Who reviews claims?": ("finance team", 3),
}
UNANSWERED = [
    "婚假几天",
    "公司的股票代码是多少？",
    "What is the parental leave policy?",
    "食堂几点开门",
    "How do I reset my password?",
]


@pytest.mark.parametrize(("question", "expected"), ANSWERS.items())
def test_the_sentence_that_answers_is_quoted_with_its_number(
    question: str, expected: tuple[str, int]
) -> None:
    extract = extract_answer(question, handbook(), max_sentences=1)
    assert extract.found
    assert expected[0] in extract.text
    assert extract.numbers == (expected[1],) == tuple(cited_numbers(extract.text, {1, 2, 3}))


@pytest.mark.parametrize("question", UNANSWERED)
def test_what_the_documents_do_not_say_is_not_found(question: str) -> None:
    extract = extract_answer(question, handbook())
    assert not extract.found
    assert "没有找到" in extract.text or "found in the documents" in extract.text


def test_only_the_row_that_answers_is_quoted() -> None:
    text = extract_answer("总监住宿多少钱", handbook(), max_sentences=1).text
    assert text == "职级：总监；住宿（元/晚）：800；交通：高铁一等座；伙食补贴：150 [1]"


def test_a_lead_in_brings_its_list() -> None:
    law = "第七条 员工有下列情形之一的，可以申请困难补助：\n（一）本人患重大疾病的；\n（二）家庭遭受自然灾害的。"
    text = extract_answer("哪些情形可以申请困难补助？", [source(1, law)], max_sentences=1).text
    assert "重大疾病" in text and "自然灾害" in text and text.endswith("[1]")


def test_the_same_sentence_is_not_quoted_twice() -> None:
    twice = [source(1, "年休假为五天。"), source(2, "年休假为五天。")]
    assert extract_answer("年休假几天", twice).numbers == (1,)


def test_quotes_stand_in_reading_order() -> None:
    sources = [
        source(1, "病假须提交医院证明。病假期间工资按八成发放。"),
        source(2, "病假超过三天须由部门经理批准。"),
    ]
    extract = extract_answer("病假有什么规定", sources)
    assert list(extract.numbers) == sorted(extract.numbers)
    assert extract.text.index("医院证明") < extract.text.index("八成")


def test_traditional_and_simplified_find_each_other() -> None:
    assert "五天" in extract_answer("年休假幾天", [source(1, "职工年休假为五天。")]).text
    assert "五天" in extract_answer("年休假几天", [source(1, "職工年休假為五天。")]).text


def test_a_footnote_number_of_the_document_is_no_citation() -> None:
    extract = extract_answer("年休假几天", [source(1, "年休假为五天[2]。"), source(2, "无关内容一段。")])
    assert cited_numbers(extract.text, {1, 2}) == [1]


@pytest.mark.parametrize("question", ["", "？？", "吗"])
def test_a_question_without_words_finds_nothing(question: str) -> None:
    assert not extract_answer(question, handbook()).found


def test_nothing_is_found_in_no_sources() -> None:
    assert extract_answer("年假几天", []).numbers == ()


def test_the_number_of_sentences_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        extract_answer("年假几天", handbook(), max_sentences=0)


def test_what_the_search_puts_far_above_the_rest_is_shown_though_words_differ() -> None:
    """Found by its meaning: hardly a word of the question stands in it."""
    question = "A colleague removed a folder from the team drive. Is it gone for good?"
    bin_, other = "Files stay in the recycle bin for 30 days.", "Lunch is served at noon."
    alike = [source(1, bin_, score=1.0), source(2, other, score=0.9)]
    assert extract_answer(question, alike).numbers == ()
    apart = [source(1, bin_, score=1.0), source(2, other, score=0.3)]
    extract = extract_answer(question, apart)
    assert not extract.found and extract.numbers[0] == 1 and "recycle bin" in extract.text
