"""References that must match exactly: document numbers, articles, dates, amounts, standards, quoted names.

`references(text)` reduces every spelling to one canonical form, so 第十二条, 第12条 and Article 12 are
the same reference, and so are 国发〔2024〕5号 and 国发[2024]5号. Input is folded text (sparse.fold).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from apps.rag.errors import RagError

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "○": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUM = r"[〇零○一二两三四五六七八九十百千万\d]"
_PARTS = {"article": "条", "chapter": "章", "section": "节", "clause": "款", "rule": "条", "art": "条"}
_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)
}
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"

_PATTERN = re.compile(
    rf"(?P<docyear>\d{{4}})[〕\])】]\s*(?:第\s*)?(?P<docno>\d{{1,5}})\s*号"
    rf"|第\s*(?P<partno>{_NUM}{{1,8}})\s*(?P<part>[条款项章节编号批届次期回集])"
    rf"(?:之(?P<sub>[一二三四五六七八九十\d]{{1,2}}))?"
    rf"|(?P<year>[\d〇零○一二三四五六七八九]{{4}})\s*年\s*(?P<month>[\d一二三四五六七八九十]{{1,3}})\s*月"
    rf"(?:\s*(?P<day>[\d一二三四五六七八九十]{{1,3}})\s*日)?"
    r"|(?<![\d.])(?P<iso>\d{4}[-/.]\d{1,2}[-/.]\d{1,2})(?![\d.])"
    rf"|\b(?P<mname>{_MONTH})\.?\s+(?P<mday>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<myear>\d{{4}})\b"
    rf"|\b(?P<dday>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<dmname>{_MONTH})\.?,?\s+(?P<dyear>\d{{4}})\b"
    r"|\b(?P<epart>article|chapter|section|clause|rule|art)\.?\s+(?P<epartno>\d{1,4}(?:\.\d{1,3})*)\b"
    r"|(?P<amount>\d[\d,]{0,24}(?:\.\d{1,9})?)\s*(?P<scale>[百千万亿]{0,2})(?P<unit>%|％|元|美元|人民币|平方米|公里|吨|人次)"
    rf"|百分之(?P<percent>{_NUM}{{1,6}})"
    r"|(?<![a-z\d])(?P<code>[a-z]{1,6}(?:/[a-z]{1,3})?)[\s-]?(?P<codeno>\d{3,}(?:[.:-]\d+)*)(?![a-z\d])"
)
_TRIGGER = re.compile(r"\d+|第|百分之|年")  # every reference holds one of these
_BEFORE, _AFTER = 16, 24  # characters around a trigger that a reference may reach
_QUOTED = re.compile(r"《([^《》\n]{2,60})》|“([^“”\n]{2,60})”|「([^「」\n]{2,60})」|\"([^\"\n]{2,60})\"")


def chinese_number(text: str) -> int:
    """The value of a numeral in digits (12), characters (十二, 一百零五) or digit by digit (二〇二四).

    Raises RagError on anything else; callers pass what the patterns above matched."""
    if text.isdecimal():
        return int(text)
    if not any(c in "十百千万" for c in text):
        return int("".join(str(_digit(c)) for c in text))
    total = section = digit = 0
    for char in text:
        if char == "万":
            total, section, digit = (total + section + digit) * 10000, 0, 0
        elif char in _UNITS:
            section, digit = section + (digit or 1) * _UNITS[char], 0
        else:
            digit = _digit(char)
    return total + section + digit


def _digit(char: str) -> int:
    if char.isdecimal():
        return int(char)
    if char not in _DIGITS:
        raise RagError(f"not a numeral: {char!r}", code="bad_numeral")
    return _DIGITS[char]


@lru_cache(maxsize=4096)
def references(folded: str) -> frozenset[str]:
    """Canonical references of a folded text; empty for most texts. Kept, since the same passages come
    up as candidates again and again."""
    found: set[str] = set()
    for start, end in _windows(folded):
        found.update(_read(folded, start, end))
    return frozenset(found)


def _read(folded: str, start: int, end: int) -> list[str]:
    return [one for match in _PATTERN.finditer(folded, start, end) for one in _canonical(match)]


def named_in(folded: str, wanted: frozenset[str]) -> frozenset[str]:
    """Which of these references a text holds: `wanted & references(folded)`, but read only around the places where
    one of them can stand. A long text refers to much, and a question names one thing."""
    marks = {mark for reference in wanted for mark in _marks(reference) if mark in folded}
    if not marks:
        return frozenset()
    found: set[str] = set()
    for start, end in _windows(folded):
        if any(folded.find(mark, start, end) >= 0 for mark in marks):
            found.update(_read(folded, start, end))
    return wanted & found


@lru_cache(maxsize=1024)
def _marks(reference: str) -> tuple[str, ...]:
    """Of these one stands wherever the reference is spelled: codes and numbers of documents have their digits in one
    spelling, amounts their unit, dates a year in digits or the character, the parts of a rule their sign."""
    kind, _, value = reference.partition(":")
    if kind == "码":
        return (value.lstrip("/abcdefghijklmnopqrstuvwxyz"),)
    if kind == "文号":
        return (value[:4],)
    if kind == "数":
        unit = value.lstrip("0123456789.e+-")
        return (unit, "％", "百分之") if unit == "%" else (unit,)
    if kind in ("月", "日"):
        return (value.partition("-")[0], "年")
    return ("第", *_PARTS)


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Where a reference can be: the full pattern on whole texts would cost half the encoding time."""
    start, end = 0, -1
    for trigger in _TRIGGER.finditer(text):
        if trigger.start() - _BEFORE > end:
            if end >= 0:
                yield start, end
            start = max(trigger.start() - _BEFORE, 0)
        end = trigger.end() + _AFTER
    if end >= 0:
        yield start, end


def quoted(folded: str) -> tuple[str, ...]:
    """What a text puts in 《》 or quotation marks, in order."""
    return tuple(next(part for part in match.groups() if part) for match in _QUOTED.finditer(folded))


def _canonical(match: re.Match[str]) -> list[str]:
    part = match.groupdict()
    if part["docno"]:
        return [f"文号:{part['docyear']}-{int(part['docno'])}"]
    if part["part"]:
        return [_article(part["partno"], part["part"], part["sub"])]
    if part["epart"]:
        number = part["epartno"]
        return [_article(number, _PARTS[part["epart"]], None)]
    if part["amount"]:
        return [_amount(part["amount"], part["scale"], part["unit"])]
    if part["percent"]:
        return [f"数:{chinese_number(part['percent'])}%"]
    if part["code"]:
        return [f"码:{part['code']}{part['codeno']}"]
    return _date(part)


def _article(number: str, kind: str, sub: str | None) -> str:
    value = number if "." in number else str(chinese_number(number))
    return f"第{value}{kind}" + (f"之{chinese_number(sub)}" if sub else "")


def _amount(number: str, scale: str, unit: str) -> str:
    value = float(number.replace(",", ""))
    for char in scale:
        value *= {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}[char]
    return f"数:{value:.15g}{'%' if unit == '％' else unit}"


def _date(part: dict[str, str]) -> list[str]:
    if part["iso"]:
        year, month, day = (int(piece) for piece in re.split(r"[-/.]", part["iso"]))
    elif part["mname"]:
        year, month, day = int(part["myear"]), _MONTHS[part["mname"][:3]], int(part["mday"])
    elif part["dmname"]:
        year, month, day = int(part["dyear"]), _MONTHS[part["dmname"][:3]], int(part["dday"])
    else:
        year, month = chinese_number(part["year"]), chinese_number(part["month"])
        day = chinese_number(part["day"]) if part["day"] else 0
    whole = f"月:{year}-{month}"
    return [whole, f"日:{year}-{month}-{day}"] if day else [whole]
