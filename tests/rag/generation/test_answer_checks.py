"""Each sentence of an answer is held against the passages that it cites."""

from __future__ import annotations

import pytest

from apps.rag.checks import check_answer, summary
from apps.rag.figures import cn_number, figures
from tests.rag.generation.passages import handbook, source

RULE = source(
    1,
    "根据国办发〔2024〕5号文件，职工工作满一年的，年休假五天，自2024年3月1日起施行。补贴为1.5万元，个人承担百分之二十。",
    title="休假规定",
)
OTHER = source(2, "食堂每天早上七点半开门，晚上八点关门。", title="食堂")


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("职工工作满一年的年休假为5天[1]。", "supported"),
        ("年休假五天，自2024-03-01起施行 [1]。", "supported"),
        ("依据国办发〔2024〕5号文件，职工工作满一年的，年休假五天[1]。", "supported"),
        ("补贴为15000元，个人承担20%[1]。", "supported"),
        ("职工工作满一年的年休假为15天[1]。", "unsupported"),
        ("依据国办发〔2023〕8号文件，年休假五天[1]。", "unsupported"),
        ("自2024年3月1日起，年休假五天，补贴1.5万元，个人承担百分之三十[1]。", "partial"),
        ("自2025年3月1日起施行，职工工作满一年[1]。", "unsupported"),
        ("职工工作满一年的年休假为5天[2]。", "unsupported"),
        ("公司将为全体员工购买补充商业医疗保险[1]。", "unsupported"),
        ("The annual leave is 5 days [1].", "supported"),
        ("The annual leave is 12 days [1].", "unsupported"),
    ],
)
def test_a_sentence_gets_its_verdict(answer: str, verdict: str) -> None:
    checks = check_answer(answer, [RULE, OTHER])
    assert [check.verdict for check in checks] == [verdict]


def test_a_missing_figure_is_named() -> None:
    (check,) = check_answer("职工工作满一年的年休假为15天[1]。", [RULE])
    assert check.missing == ("15",) and check.numbers == (1,)


def test_a_mark_after_the_full_stop_belongs_to_its_sentence() -> None:
    checks = check_answer("年休假为五天。[1] 食堂早上七点半开门。[2]", [RULE, OTHER])
    assert [(check.sentence, check.numbers, check.verdict) for check in checks] == [
        ("年休假为五天。", (1,), "supported"),
        ("食堂早上七点半开门。", (2,), "supported"),
    ]


def test_an_unmarked_sentence_is_held_against_the_next_mark() -> None:
    checks = check_answer("年休假为五天。个人承担20%[1]。", [RULE, OTHER])
    assert [(check.numbers, check.verdict) for check in checks] == [((), "supported"), ((1,), "supported")]


@pytest.mark.parametrize(
    "answer",
    [
        "资料中没有找到相关内容。",
        "This was not found in the documents.",
        "# 年休假规定",
        "具体规定如下：",
        "您想问哪一年的规定？",
        "",
        "好的。",
    ],
)
def test_what_claims_nothing_is_not_judged(answer: str) -> None:
    assert check_answer(answer, [RULE]) == []


def test_an_answer_without_sources_is_unsupported() -> None:
    assert summary(check_answer("年休假为五天，补贴1.5万元。", [])) == {
        "supported": 0,
        "partial": 0,
        "unsupported": 1,
    }


def test_a_quoted_row_is_supported() -> None:
    assert [check.verdict for check in check_answer("- 职级：经理；住宿（元/晚）：600 [1]", handbook())] == [
        "supported"
    ]


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("十五", 15),
        ("三百二十", 320),
        ("一万二千", 12000),
        ("二〇二四", 2024),
        ("三千万", 3e7),
        ("两亿五千万", 2.5e8),
        ("壹佰贰拾", 120),
    ],
)
def test_chinese_numerals_have_their_value(numeral: str, value: float) -> None:
    assert cn_number(numeral) == value


def test_figures_are_one_however_written() -> None:
    assert (
        figures("二〇二四年三月五日")
        == figures("2024-03-05")
        == figures("March 5, 2024")
        == figures("5 March 2024")
    )
    assert figures("百分之二十") == figures("20%") == figures("20 percent")
    assert figures("1.5万元") == figures("15,000元")
    assert not figures("一般情况下统一管理，一些人万一不来")
