"""Figures of a text in one notation: numbers, percentages, dates and document numbers (文号).

五天 and 5 days both give 5; 二〇二四年三月五日, 2024-03-05 and March 5, 2024 give the date (2024, 3, 5);
国办发〔2024〕5号 gives the document number 2024-5.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_DIGIT |= {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
_UNIT = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_SCALE = {"万": 10_000, "亿": 100_000_000}
_CN = "零〇○一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟"
_MEASURE = "天日年月周元个名人次条款项章节页份倍级岁小分秒度层楼号台套件家位篇字吨米克公平％%"
_WORDS = {
    w: i
    for i, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_WORDS |= {
    w: 10 * i for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_MONTHS = {m: i for i, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_SCALES_EN = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "k": 1e3,
    "m": 1e6,
    "bn": 1e9,
}

_DOCUMENT = re.compile(r"[〔\[［（(【]\s*((?:19|20)\d\d)\s*[〕\]］）)】]\s*(?:第\s*)?(\d{1,5})\s*号")
_Y, _M = rf"([12]\d{{3}}|[{_CN}]{{4}})", rf"(\d{{1,2}}|[{_CN}]{{1,3}})"
_DATE_CN = re.compile(rf"(?:{_Y}\s*年\s*)?{_M}\s*月(?:份|底|初)?(?:\s*{_M}\s*[日号])?")
_YEAR_CN = re.compile(rf"{_Y}\s*年(?!\s*[\d{_CN}]{{1,3}}\s*月)")
_DATE_ISO = re.compile(r"(?<![\d.])([12]\d{3})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?![\d])")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE_MDY = re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+([12]\d{{3}}))?(?!\d)", re.I)
_DATE_DMY = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}(?:,?\s+([12]\d{{3}}))?(?!\d)", re.I)
_PERCENT_CN = re.compile(rf"百分之([{_CN}]+|\d+(?:\.\d+)?)")
_NUMBER = re.compile(
    r"(?<![A-Za-z\d.])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(%|％|percent\b|per cent\b|[万亿]|thousand\b|million\b|billion\b|trillion\b|bn\b)?",
    re.I,
)
_NUMBER_CN = re.compile(rf"[{_CN}]+")
_NUMBER_EN = re.compile(
    r"\b("
    + "|".join(_WORDS)
    + r")(?:[- ]("
    + "|".join(list(_WORDS)[1:10])
    + r"))?\b(?:\s+(hundred|thousand|million|billion))?",
    re.I,
)
_HALF_WIDTH = str.maketrans("０１２３４５６７８９％．", "0123456789%.")
_Use = Callable[[re.Match[str]], None]


@dataclass(frozen=True, slots=True)
class Figures:
    """`numbers` are written shortest ("1500", "0.5", "5%"); a date is (year, month, day) with 0 for
    what was not said; `documents` are "year-number"."""

    numbers: frozenset[str] = frozenset()
    dates: frozenset[tuple[int, int, int]] = frozenset()
    documents: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.numbers or self.dates or self.documents)

    def __len__(self) -> int:
        return len(self.numbers) + len(self.dates) + len(self.documents)

    def missing_from(self, evidence: Figures) -> set[str]:
        """Those of these figures that the evidence does not hold, in words for a reader."""
        numbers = {
            n
            for n in self.numbers
            if n not in evidence.numbers
            and not any(n == str(part) for date in evidence.dates for part in date)
        }
        dates = {d for d in self.dates if not any(_agrees(d, other) for other in evidence.dates)}
        return (
            numbers
            | {"-".join(str(part) for part in d if part) for d in dates}
            | set(self.documents - evidence.documents)
        )


@dataclass(slots=True)
class _Found:
    numbers: set[str] = field(default_factory=set)
    dates: set[tuple[int, int, int]] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)


def figures(text: str, *, every_numeral: bool = False) -> Figures:
    """The figures of a text. A lone Chinese numeral counts only before a measure (五天, not 一般);
    with `every_numeral` it counts anywhere, as evidence should be read."""
    found = _Found()
    text = text.translate(_HALF_WIDTH)
    text = _take(_DOCUMENT, text, lambda m: found.documents.add(f"{m[1]}-{int(m[2])}"))
    text = _dates(text, found)
    text = _take(_PERCENT_CN, text, lambda m: _add(found, _value(m[1]), percent=True))
    text = _take(_NUMBER, text, lambda m: _add_number(found, m[1], (m[2] or "").lower()))
    for match in _NUMBER_CN.finditer(text):
        after = text[match.end() : match.end() + 1]
        counts = every_numeral or (len(match[0]) > 1) or (after and after in _MEASURE)
        if counts and match[0][0] not in "万亿千百":  # 万一, 百般: no numeral
            _add(found, cn_number(match[0]))
    for match in _NUMBER_EN.finditer(text):
        _add_english(found, match, counts=every_numeral or match[1].lower() != "one")
    return Figures(frozenset(found.numbers), frozenset(found.dates), frozenset(found.documents))


def cn_number(numeral: str) -> float | None:
    """The value of a Chinese numeral: 三十五, 二〇二四, 一万二千; None if it is not one."""
    if not numeral:
        return None
    if all(char in _DIGIT for char in numeral):
        return float("".join(str(_DIGIT[char]) for char in numeral))
    total = section = digit = 0
    for char in numeral:
        if char in _DIGIT:
            digit = _DIGIT[char]
        elif char in _UNIT:
            section += (digit or 1) * _UNIT[char]
            digit = 0
        else:
            grown = (section + digit or (0 if total else 1)) * _SCALE[char]
            total = total * _SCALE[char] + grown if char == "亿" else total + grown
            section = digit = 0
    return float(total + section + digit)


def dates_of(text: str) -> frozenset[tuple[int, int, int]]:
    return figures(text).dates


def _dates(text: str, found: _Found) -> str:
    def add(year: str | None, month: str, day: str | None) -> None:
        date = (int(_value(year) or 0), int(_value(month) or 0), int(_value(day) or 0))
        if 1 <= date[1] <= 12 and date[2] <= 31:
            found.dates.add(date)

    text = _take(_DATE_CN, text, lambda m: add(m[1], m[2], m[3]))
    text = _take(_YEAR_CN, text, lambda m: found.dates.add((int(_value(m[1]) or 0), 0, 0)))
    text = _take(_DATE_ISO, text, lambda m: add(m[1], m[2], m[3]))
    text = _take(_DATE_MDY, text, lambda m: add(m[3], str(_MONTHS[m[1].lower()]), m[2]))
    return _take(_DATE_DMY, text, lambda m: add(m[3], str(_MONTHS[m[2].lower()]), m[1]))


def _take(pattern: re.Pattern[str], text: str, use: _Use) -> str:
    """Hand every match to `use` and blank it, so that no later pattern reads it again."""

    def blank(match: re.Match[str]) -> str:
        use(match)
        return " " * len(match[0])

    return pattern.sub(blank, text)


def _add_number(found: _Found, digits: str, unit: str) -> None:
    value = float(digits.replace(",", ""))
    if unit in {"%", "％", "percent", "per cent"}:
        _add(found, value, percent=True)
    else:
        _add(found, value * (_SCALE.get(unit) or _SCALES_EN.get(unit) or 1))


def _add_english(found: _Found, match: re.Match[str], *, counts: bool) -> None:
    value = float(_WORDS[match[1].lower()] + (_WORDS[match[2].lower()] if match[2] else 0))
    scale = {"hundred": 100.0, **_SCALES_EN}.get((match[3] or "").lower(), 1.0)
    if counts or scale > 1:
        _add(found, value * scale)


def _add(found: _Found, value: float | None, *, percent: bool = False) -> None:
    if value is not None:
        found.numbers.add(f"{value:.15g}" + ("%" if percent else ""))


def _value(text: str | None) -> float | None:
    if not text:
        return None
    return float(text) if text[0].isdigit() else cn_number(text)


def _agrees(claim: tuple[int, int, int], evidence: tuple[int, int, int]) -> bool:
    """Every part that the claim names is in the evidence: 2024年3月 agrees with 2024-03-05."""
    return all(not said or said == known for said, known in zip(claim, evidence, strict=True))
