"""Amounts with a measure and ranges of them, to tell which rule a case falls under.

三万块, 30000元 and 3 万元 are one amount; it lies within 1 万元（含）以上、5 万元以下. Twelve hours lie within
"longer than ten hours", 十二年 within 满10年不满20年.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf

from apps.rag.figures import cn_number

MAX_QUANTITIES = 40  # of one text
ON_THE_EDGE = 0.8  # how well an amount fits a range that ends at it without saying whether it is included

_NAMES = {
    "money": "元 块钱 块 圆 人民币 yuan cny rmb",
    "dollar": "美元 dollars dollar usd",
    "day": "个工作日 工作日 自然日 天 日 working days working day business days business day days day",
    "week": "个星期 星期 个礼拜 礼拜 周 weeks week",
    "month": "个月 months month",
    "year": "周年 年 years year",
    "hour": "个小时 小时 个钟头 钟头 hours hour",
    "minute": "分钟 minutes minute",
    "person": "人 名 位 people persons person",
    "age": "周岁 岁",
    "time": "次 times",
    "length": "米 metres meters",
    "distance": "公里 千米 km",
    "percent": "% ％ percent",
    "piece": "台 套 份 个 件 页",
}
_ENGLISH = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = dict(zip(_ENGLISH.split(), [*range(1, 21), *range(30, 100, 10)], strict=True))
_SCALES = {"万": 1e4, "亿": 1e8, "thousand": 1e3, "million": 1e6, "k": 1e3}
_MEASURES = {
    name.replace("_", " "): measure
    for measure, names in _NAMES.items()
    for name in re.sub("(working|business) ", r"\1_", names).split(" ")
}
_UNITS = "|".join(
    re.escape(name) + (r"\b" if name.isascii() and name.isalpha() else "")
    for name in sorted(_MEASURES, key=len, reverse=True)
)
_CN = "零〇一二两三四五六七八九十百千万亿半"
_AMOUNT = re.compile(
    rf"(?P<sign>CNY|RMB|USD|[¥￥$])?\s*(?<![A-Za-z\d.,])(?<!\d[:：])(?P<value>\d[\d,]*(?:\.\d+)?|[{_CN}]+|\b(?:{'|'.join(_WORDS)})\b)(?![:：]\d)\s*(?P<scale>[万亿]|thousand\b|million\b|k\b)?\s*(?P<unit>{_UNITS})?",
    re.I,
)
_SIGNS = {"cny": "money", "rmb": "money", "¥": "money", "￥": "money", "usd": "dollar", "$": "dollar"}
_BELOW_BEFORE = re.compile(
    r"(?:不超过|不得超过|不满|不足|不到|低于|少于|小于|至多|最多|under|less than|shorter than|up to|within|fewer than|at most|below|not exceed|no more than)\s*第?$",
    re.I,
)
_ABOVE_BEFORE = re.compile(
    r"(?:超过|满|多于|高于|大于|不少于|不低于|至少|over|more than|longer than|at least|above|exceeding|exceeds?|older than)\s*第?$",
    re.I,
)
_INCLUDED = r"\s*(?P<included>[（(]含[^（()）]{0,6}[)）])?\s*"
_ABOVE_AFTER = re.compile(rf"{_INCLUDED}(?:以上|起|or more|and over)", re.I)
_BELOW_AFTER = re.compile(
    rf"{_INCLUDED}(?:以下|以内|之内|or less|or fewer)|\s*(?P<bare>[（(]含[^（()）]{{0,6}}[)）])", re.I
)
_GAP = re.compile(
    r"(?:[（(]不?含[^（()）]{0,6}[)）]|以上|起|[，、,]|(?P<joins>至|到|[-—–~～]+|\bto\b|\band\b)|不满|不足|不到|不超过|低于|under|第|\s)*\Z",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """From `low` to `high` of a measure, equal for a plain amount; the flags say that the end is named as
    included, as （含） does."""

    low: float
    high: float
    measure: str
    low_included: bool = False
    high_included: bool = False

    @property
    def is_range(self) -> bool:
        return self.low != self.high

    def fit(self, other: Quantity) -> float:
        """How well the plain amount `other` lies within, 0–1; 0 too where the measures differ."""
        if other.measure != self.measure or not self.low <= other.low <= self.high:
            return 0.0
        at_low, at_high = other.low == self.low, other.low == self.high
        sure = (
            not self.is_range
            or not (at_low or at_high)
            or (at_low and self.low_included)
            or (at_high and self.high_included)
        )
        return (1.0 if sure else ON_THE_EDGE) * self._closeness(other.low)

    def _closeness(self, value: float) -> float:
        """1 within two ends; 0.5–1 with one end alone: 三万元 is hardly what 一千万元以内 means."""
        if self.high == inf:
            return 0.5 + 0.5 * (self.low / value if value else 1.0)
        return 0.5 + 0.5 * value / self.high if self.is_range and self.low == 0 else 1.0


@dataclass(slots=True)
class _Amount:
    start: int
    end: int
    value: float
    scale: float
    measure: str
    bound: str  # "above", "below" or ""
    included: bool


def quantities(text: str) -> tuple[Quantity, ...]:
    """The amounts and ranges of a text in order, at most MAX_QUANTITIES; numbers without a measure are none."""
    amounts = _amounts(text)
    found: list[Quantity] = []
    place = 0
    while place < len(amounts) and len(found) < MAX_QUANTITIES:
        first = amounts[place]
        second = amounts[place + 1] if place + 1 < len(amounts) else None
        joined = _between(text, first, second) if second is not None else None
        found += [one for one in [joined or _alone(first)] if one.measure]
        place += 2 if joined is not None else 1
    return tuple(found)


def _amounts(text: str) -> list[_Amount]:
    found = []
    for match in _AMOUNT.finditer(text):
        value = _value(match["value"])
        if value is None:
            continue
        if match["unit"] == "年" and 1000 <= value < 3000:
            continue  # a date, no duration
        scale = _SCALES.get((match["scale"] or "").lower(), 1.0)
        measure = _MEASURES.get((match["unit"] or "").lower()) or _SIGNS.get(
            (match["sign"] or "").lower(), ""
        )
        bound, included = _bound(text, match)
        found.append(_Amount(match.start(), match.end(), value * scale, scale, measure, bound, included))
        if len(found) == 2 * MAX_QUANTITIES:
            break
    return found


def _bound(text: str, match: re.Match[str]) -> tuple[str, bool]:
    before, after = text[max(0, match.start() - 14) : match.start()], match.end()
    above = _ABOVE_AFTER.match(text, after)
    if above:
        return "above", bool(above["included"])
    below = _BELOW_AFTER.match(text, after)
    if below:
        return "below", bool(below["included"] or below["bare"])
    if _BELOW_BEFORE.search(before):
        return "below", False
    return ("above", False) if _ABOVE_BEFORE.search(before) else ("", False)


def _between(text: str, first: _Amount, second: _Amount) -> Quantity | None:
    """The range that two neighbours make, or None."""
    gap = _GAP.match(text[first.end : second.start])
    low = first.value * (
        second.scale if gap and gap["joins"] and not first.measure and first.scale == 1 else 1
    )  # 1—5万元
    if gap is None or first.bound == "below" or low >= second.value:
        return None
    if {first.measure, second.measure} - {""} != {second.measure} or not (
        gap["joins"] or (first.bound and second.bound == "below")
    ):
        return None
    return Quantity(low, second.value, second.measure, first.included, second.included)


def _alone(amount: _Amount) -> Quantity:
    if amount.bound == "above":
        return Quantity(amount.value, inf, amount.measure, amount.included, True)
    if amount.bound == "below":
        return Quantity(0.0, amount.value, amount.measure, True, amount.included)
    return Quantity(amount.value, amount.value, amount.measure)


def _value(numeral: str) -> float | None:
    if numeral[0].isdigit():
        return float(numeral.replace(",", ""))
    word = _WORDS.get(numeral.lower())
    return (
        float(word) if word is not None else cn_number(numeral.replace("半", "")) if numeral != "半" else 0.5
    )
