"""What a question says besides its words: times, references, issuer, kind, what it asks for."""

from __future__ import annotations

from datetime import date

import pytest

from apps.rag.facets import Facets, understand
from apps.rag.periods import periods

TODAY = date(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    ("question", "start", "end", "relative"),
    [
        ("去年的预算", "2025-01-01", "2025-12-31", True),
        ("前年十月的会议", "2024-10-01", "2024-10-31", True),
        ("上个月谁请假", "2026-10-01", "2026-10-31", True),
        ("今年三季度的采购", "2026-07-01", "2026-09-30", True),
        ("去年下半年", "2025-07-01", "2025-12-31", True),
        ("上周的通知", "2026-11-09", "2026-11-15", True),
        ("上季度", "2026-07-01", "2026-09-30", True),
        ("昨天", "2026-11-21", "2026-11-21", True),
        ("二〇二四年三月五日", "2024-03-05", "2024-03-05", False),
        ("2024年2月", "2024-02-01", "2024-02-29", False),
        ("2024-03-05 的会", "2024-03-05", "2024-03-05", False),
        ("last year's travel budget", "2025-01-01", "2025-12-31", True),
        ("fees in Q3 2025", "2025-07-01", "2025-09-30", False),
        ("the third quarter of last year", "2025-07-01", "2025-09-30", True),
        ("minutes of March 5, 2024", "2024-03-05", "2024-03-05", False),
        ("changes in 2023", "2023-01-01", "2023-12-31", False),
        ("the past two weeks", "2026-11-08", "2026-11-22", True),
        ("last month", "2026-10-01", "2026-10-31", True),
    ],
)
def test_times_become_days(question: str, start: str, end: str, relative: bool) -> None:
    found = periods(question.lower(), today=TODAY)
    assert [(str(one.start), str(one.end), one.relative) for one in found] == [(start, end, relative)]


@pytest.mark.parametrize(
    "question", ["2024年2月30日", "上楼要多久", "近千年的历史", "第二天", "日本的年号", "q", "9999-99-99"]
)
def test_what_is_no_time_is_none(question: str) -> None:
    assert periods(question, today=TODAY) == ()


def test_january_looks_back_into_the_year_before() -> None:
    assert str(periods("上个月", today=date(2026, 1, 31))[0].start) == "2025-12-01"
    assert str(periods("上季度", today=date(2026, 2, 1))[0].end) == "2025-12-31"


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("去年的标准", ("2025",)),
        ("今年三季度", ("月:2026-7", "月:2026-8", "月:2026-9")),
        ("昨天", ("日:2026-11-21",)),
        ("近三年的纪要", ("2023", "2024", "2025", "2026")),
        ("花了三万块", ("数:30000元",)),
        ("没有时间", ()),
    ],
)
def test_what_is_meant_is_spelled_as_the_index_knows_it(question: str, terms: tuple[str, ...]) -> None:
    assert understand(question, today=TODAY).added_terms == terms


def test_references_are_told_apart() -> None:
    facets = understand("国发[2024]3号第十二条 GB/T 7714 规定的 5,000元", today=TODAY)
    assert (facets.numbers, facets.articles) == (("文号:2024-3",), ("第12条",))
    assert set(facets.figures) == {"数:5000元", "码:gb/t7714"}


def test_a_law_is_named_with_and_without_marks() -> None:
    assert understand("劳动合同法第十条怎么规定", today=TODAY).names == ("劳动合同法",)
    assert understand("《差旅费管理办法》有哪些变化", today=TODAY).names == ("差旅费管理办法",)


def test_issuer_kind_and_what_is_asked() -> None:
    facets = understand("财政部印发的通知里住宿费多少钱", today=TODAY)
    assert (facets.issuers, facets.kinds, facets.asks) == (("财政部",), ("通知",), ("amount",))
    assert understand("谁负责采购", today=TODAY).asks == ("person",)


@pytest.mark.parametrize(
    "question", ["", "？！", "\x00", "年" * 2000, "第" * 2000, "2024年" * 400, "一" * 2000]
)
def test_no_question_is_too_odd(question: str) -> None:
    assert isinstance(understand(question, today=TODAY), Facets)


@pytest.mark.parametrize(
    ("question", "issuer"),
    [
        ("去年财政局发的关于出差的通知", "财政局"),
        ("财政局去年发的出差通知", "财政局"),
        ("市财政局2025年印发的差旅费管理办法", "市财政局"),
        ("今年3月人事处发布的关于考勤的通知", "人事处"),
        ("帮我找一下去年财政局关于出差的通知", "财政局"),
        ("notices issued by the finance office last year about travel", "finance office"),
    ],
)
def test_the_issuer_is_named_without_the_time_and_the_request_around_it(question: str, issuer: str) -> None:
    facets = understand(question, today=TODAY)
    assert facets.issuers == (issuer,)
    assert facets.periods
