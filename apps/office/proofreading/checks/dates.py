"""Dates that the calendar refutes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Hit

_DAY = r"(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日"
_WEEKDAY = re.compile(_DAY + r"\s?[（(，,]?\s?(星期|周|礼拜)([一二三四五六日天])(?!年)")
_RANGE = re.compile(
    _DAY + r"\s?(?:至|到|—|－|-|～|~)+\s?(?:(\d{4})\s?年)?\s?(?:(\d{1,2})\s?月)?\s?(\d{1,2})\s?日"
)
_NAMES = "一二三四五六日"


def day_of(year: str, month: str, day: str) -> date | None:
    """None where the calendar has no such day."""
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def weekday(draft: Draft) -> Iterator[Hit]:
    for match in _WEEKDAY.finditer(draft.text):
        day = day_of(*match.group(1, 2, 3))
        if day is None:
            continue
        right, said = _NAMES[day.weekday()], match[5].replace("天", "日")
        if right != said:
            note = {
                "zh": f"{day.year}年{day.month}月{day.day}日是星期{right}。",
                "en": f"{day:%d %B %Y} is a {day:%A}.",
            }
            yield Hit(match.start(4), match.end(5), (match[4] + right,), note)


def leap_day(draft: Draft) -> Iterator[Hit]:
    """29 February of a common year; other days are matched by a pattern."""
    for match in re.finditer(_DAY, draft.text):
        year, month, day = (int(part) for part in match.groups())
        if month == 2 and day == 29 and day_of(*match.groups()) is None:
            note = {"zh": f"{year}年不是闰年，2月只有28天。", "en": f"February {year} has 28 days."}
            yield Hit(match.start(2), match.end(), (), note)


def date_order(draft: Draft) -> Iterator[Hit]:
    """A span of time that ends before it begins."""
    for match in _RANGE.finditer(draft.text):
        begin = day_of(*match.group(1, 2, 3))
        end = day_of(match[4] or match[1], match[5] or match[2], match[6])
        if begin and end and end < begin:
            note = {"zh": "结束日期早于开始日期。", "en": "It ends before it begins."}
            yield Hit(match.start(), match.end(), (), note)
