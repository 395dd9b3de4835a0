"""Amounts are one however written, and fall into the range that a rule names."""

from __future__ import annotations

import pytest

from apps.rag.quantities import Quantity, quantities


@pytest.mark.parametrize("text", ["三万块换桌椅", "30000元", "3 万元", "30,000 yuan", "CNY 30,000", "￥3万"])
def test_an_amount_of_money_is_one_however_written(text: str) -> None:
    assert quantities(text) == (Quantity(30000.0, 30000.0, "money"),)


@pytest.mark.parametrize(
    ("rule", "inside", "outside"),
    [
        ("1 万元（含）以上、5 万元以下", "三万块", "八万块"),
        ("10,000元以上至50,000元（含）", "50000元", "60000元"),
        ("预算金额：200,000元以上；采购方式：招标", "30万元", "19万元"),
        ("2,000元以下（含）", "两千元", "2001元"),
        ("1—5万元", "三万元", "6万元"),
        ("满10年不满20年的", "十二年", "25年"),
        ("第11天至第60天", "30天", "61天"),
        ("longer than ten hours", "twelve hours", "9 hours"),
        ("up to 3 working days", "2 days", "four days"),
    ],
)
def test_a_range_holds_what_lies_in_it(rule: str, inside: str, outside: str) -> None:
    (held,), (left_out,) = quantities(inside), quantities(outside)
    ranges = [one for one in quantities(rule) if one.is_range]
    assert any(one.fit(held) for one in ranges)
    assert not any(one.fit(left_out) for one in ranges)


def test_an_end_that_is_named_as_included_fits_better_than_a_bare_one() -> None:
    (edge,), (upper,), (lower,) = (
        quantities("5万元"),
        quantities("1万元以上至5万元（含）"),
        quantities("5万元以上至20万元（含）"),
    )
    assert upper.fit(edge) > lower.fit(edge) > 0


def test_other_measures_do_not_fit() -> None:
    assert quantities("10天以内")[0].fit(quantities("5元")[0]) == 0


@pytest.mark.parametrize(
    "text", ["每天10:00、14:00", "2026年7月", "一般情况", "部门负责人", "", "2026-06-01"]
)
def test_times_dates_and_plain_words_are_no_quantities(text: str) -> None:
    assert quantities(text) == ()
