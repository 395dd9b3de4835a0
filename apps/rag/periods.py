"""Times that a question names, as days: 去年, 上个月, 今年三季度, 2024年3月, last year, Q3 2025, the past two weeks."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from apps.rag.figures import cn_number

MAX_PERIODS = 5
MAX_SPAN = 50  # units of a "past N": beyond it the phrase says nothing
_CN = "〇零○一二三四五六七八九十两"
_YEARS = {
    "前年": -2,
    "去年": -1,
    "上年度": -1,
    "上一年度": -1,
    "上年": -1,
    "今年": 0,
    "本年度": 0,
    "本年": 0,
    "当年": 0,
    "明年": 1,
    "后年": 2,
}
_YEARS |= {"last year": -1, "previous year": -1, "this year": 0, "current year": 0, "next year": 1}
_DAYS = {
    "前天": -2,
    "昨天": -1,
    "昨日": -1,
    "今天": 0,
    "今日": 0,
    "明天": 1,
    "明日": 1,
    "后天": 2,
    "yesterday": -1,
    "today": 0,
    "tomorrow": 1,
}
_TURNS = {"上": -1, "本": 0, "这": 0, "下": 1, "last": -1, "previous": -1, "this": 0, "current": 0, "next": 1}
_UNITS = {
    "天": "day",
    "日": "day",
    "周": "week",
    "星期": "week",
    "礼拜": "week",
    "月": "month",
    "季度": "quarter",
    "季": "quarter",
    "年": "year",
}
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "first": 1, "second": 2, "third": 3, "fourth": 4}
_NUMBERS = {
    word: value for value, word in enumerate("one two three four five six seven eight nine ten".split(), 1)
}
_MONTHS = {
    name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}

_YEAR_NAMES = "|".join(
    sorted((re.escape(name) for name in _YEARS if not name.isascii()), key=len, reverse=True)
)
_PATTERN = re.compile(
    rf"(?:(?P<named>{_YEAR_NAMES})|(?P<year>(?:19|20)\d\d|[二一][〇零○一二三四五六七八九]{{3}})\s*年)(?:度|的)?\s*"
    rf"(?:第?(?P<quarter>[一二三四1-4])季度?|(?P<half>[上下])半年|(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s*月(?:份)?"
    rf"(?:\s*(?P<day>[1-3]?\d|[一二三四五六七八九十]{{1,3}})\s*[日号])?)?"
    r"|(?P<bareq>第[一二三四]季度|(?<![\d一二三四五六七八九十])[一二三四]季度)"
    r"|(?P<turn>上|本|这|下)一?个?(?P<unit>月|周|星期|礼拜|季度)(?!内)"
    rf"|(?:最近|近|过去|这)(?P<count>\d{{1,2}}|[{_CN}]{{1,3}}|半)个?(?P<span>天|日|周|星期|月|年)"
    rf"|(?P<dayname>{'|'.join(name for name in _DAYS if not name.isascii())})"
    r"|(?<![\d.])(?P<iso>(?:19|20)\d\d[-/.](?:1[0-2]|0?[1-9])(?:[-/.](?:[12]\d|3[01]|0?[1-9]))?)(?![\d])"
    r"|\bq(?P<eq>[1-4])\s*(?:of\s+)?(?P<eqy>(?:19|20)\d\d|last year|this year|next year)?"
    r"|\b(?P<ordinal>first|second|third|fourth) quarter(?:\s+of)?\s*(?P<oqy>(?:19|20)\d\d|last year|this year|next year)?"
    r"|\b(?P<mname>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s+(?:(?P<mday>\d{1,2})(?:st|nd|rd|th)?,?\s+)?(?P<myear>(?:19|20)\d\d)\b"
    r"|\b(?:in|of|during|since|for) (?P<eyear>(?:19|20)\d\d)\b"
    r"|\b(?P<eturn>last|previous|this|current|next) (?P<eunit>year|month|week|quarter)\b"
    r"|\b(?:last|past|previous) (?P<ecount>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten) (?P<espan>day|week|month|quarter|year)s?\b"
    r"|\b(?P<edayname>yesterday|today|tomorrow)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to `end`, both included; `text` as it was said; `relative` to the day of the question."""

    start: date
    end: date
    text: str
    relative: bool

    def terms(self) -> tuple[str, ...]:
        """How the index names this time: a day, its months (at most six), or its years (at most four)."""
        first, last = self.start, self.end
        if first == last:
            return (f"日:{first.year}-{first.month}-{first.day}",)
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        if months <= 6:
            return tuple(
                f"月:{(first.month - 1 + n) // 12 + first.year}-{(first.month - 1 + n) % 12 + 1}"
                for n in range(months)
            )
        return tuple(str(year) for year in range(max(first.year, last.year - 3), last.year + 1))


def periods(folded: str, *, today: date) -> tuple[Period, ...]:
    """The times of a folded text in order, at most MAX_PERIODS; what is no date (二月三十日) is left out."""
    found: list[Period] = []
    for match in _PATTERN.finditer(folded):
        try:
            days = _days(match.groupdict(), today)
        except (ValueError, OverflowError):
            continue
        if days is None:
            continue
        part = match.groupdict()
        absolute = (
            any(part[name] for name in ("year", "iso", "myear", "eyear"))
            or str(part["eqy"] or part["oqy"] or "").isdecimal()
        )
        found.append(Period(*days, match.group().strip(), not absolute))
        if len(found) == MAX_PERIODS:
            break
    return tuple(found)


def _days(part: dict[str, str | None], today: date) -> tuple[date, date] | None:
    if part["named"] or part["year"]:
        year = today.year + _YEARS[part["named"]] if part["named"] else _number(part["year"] or "")
        return _within_year(year, part)
    if part["bareq"]:
        return _quarter(today.year, _QUARTERS[part["bareq"].removeprefix("第")[0]])
    if part["turn"]:
        return _turned(_UNITS[part["unit"] or ""], _TURNS[part["turn"]], today)
    if part["count"]:
        return _past(part["count"], _UNITS[part["span"] or ""], today)
    if part["dayname"] or part["edayname"]:
        day = today + timedelta(days=_DAYS[part["dayname"] or part["edayname"] or ""])
        return day, day
    if part["iso"]:
        return _dated([int(piece) for piece in re.split(r"[-/.]", part["iso"])])
    return _english(part, today)


def _english(part: dict[str, str | None], today: date) -> tuple[date, date] | None:
    if part["eq"] or part["ordinal"]:
        number = int(part["eq"]) if part["eq"] else _QUARTERS[part["ordinal"] or ""]
        said = part["eqy"] or part["oqy"] or "this year"
        return _quarter(int(said) if said.isdecimal() else today.year + _YEARS[said], number)
    if part["mname"]:
        day = [int(part["mday"])] if part["mday"] else []
        return _dated([int(part["myear"] or 0), _MONTHS[part["mname"]], *day])
    if part["eyear"]:
        return _dated([int(part["eyear"])])
    if part["eturn"]:
        return _turned(part["eunit"] or "", _TURNS[part["eturn"]], today)
    return _past(part["ecount"] or "", part["espan"] or "", today)


def _within_year(year: int, part: dict[str, str | None]) -> tuple[date, date]:
    if part["quarter"]:
        return _quarter(
            year, int(part["quarter"]) if part["quarter"].isdecimal() else _QUARTERS[part["quarter"]]
        )
    if part["half"]:
        return (
            (date(year, 1, 1), date(year, 6, 30))
            if part["half"] == "上"
            else (date(year, 7, 1), date(year, 12, 31))
        )
    return _dated([year, *(_number(part[name] or "") for name in ("month", "day") if part[name])])


def _dated(numbers: list[int]) -> tuple[date, date]:
    """A year, a month or a day by as many numbers."""
    if len(numbers) == 1:
        return date(numbers[0], 1, 1), date(numbers[0], 12, 31)
    if len(numbers) == 2:
        return date(numbers[0], numbers[1], 1), date(numbers[0], numbers[1], monthrange(*numbers)[1])
    day = date(numbers[0], numbers[1], numbers[2])
    return day, day


def _quarter(year: int, number: int) -> tuple[date, date]:
    return date(year, 3 * number - 2, 1), date(year, 3 * number, monthrange(year, 3 * number)[1])


def _turned(unit: str, by: int, today: date) -> tuple[date, date]:
    """The unit that holds today, moved by -1, 0 or 1."""
    if unit == "week":
        start = today - timedelta(days=today.weekday()) + timedelta(weeks=by)
        return start, start + timedelta(days=6)
    if unit == "year":
        return _dated([today.year + by])
    months = today.year * 12 + today.month - 1 + by * (3 if unit == "quarter" else 1)
    if unit == "quarter":
        return _quarter(months // 12, months % 12 // 3 + 1)
    return _dated([months // 12, months % 12 + 1])


def _past(count: str, unit: str, today: date) -> tuple[date, date] | None:
    """The last so many units up to today; 半年 is six months."""
    number = 0.5 if count == "半" else float(_NUMBERS.get(count) or _number(count))
    if not 0 < number <= MAX_SPAN:
        return None
    days = {"day": 1, "week": 7, "month": 30.44, "quarter": 91.3, "year": 365.25}[unit]
    return today - timedelta(days=round(number * days)), today


def _number(text: str) -> int:
    value = float(text) if text.isdecimal() else cn_number(text)
    if value is None:
        raise ValueError(text)
    return int(value)
