"""Word's automatic numbers: what stands before a paragraph on the page but not in its text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DIGITS = "零一二三四五六七八九"
_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
)
_ROMAN_ONES = ((9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def chinese(number: int) -> str:
    """1–9999 as 一, 十二, 二十, 一百零三 …"""
    if not 0 < number < 10000:
        return str(number)
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if zero and text else "") + _DIGITS[digit] + name
        zero = not digit if text else False
    return text[1:] if text.startswith("一十") else text


def roman(number: int) -> str:
    text = ""
    for value, letters in (*_ROMAN, *_ROMAN_ONES):
        count, number = divmod(number, value)
        text += letters * count
    return text


def letters(number: int) -> str:
    """1 → a, 27 → aa, as Word counts."""
    return chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1)


def render(number: int, style: str) -> str:
    """A number in one of Word's number formats; unknown formats count in digits."""
    if style.startswith(("chinese", "japanese", "ideograph", "taiwanese")):
        return chinese(number)
    if style == "decimalEnclosedCircle" and 1 <= number <= 20:
        return chr(0x245F + number)
    if style.endswith("Roman"):
        return roman(number).upper() if style.startswith("upper") else roman(number)
    if style.endswith("Letter"):
        return letters(number).upper() if style.startswith("upper") else letters(number)
    return f"{number:02d}" if style == "decimalZero" else str(number)


@dataclass(slots=True)
class _Level:
    style: str = "decimal"
    text: str = ""
    start: int = 1


@dataclass(slots=True)
class _List:
    levels: dict[int, _Level]
    counters: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of one document; ask once for each numbered paragraph, in reading order."""

    def __init__(self, root: Any | None) -> None:
        self._lists: dict[str, _List] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        if root is None:
            return
        abstract = {
            item.get(W + "abstractNumId"): _List(
                {int(lvl.get(W + "ilvl")): _level(lvl) for lvl in item.iter(W + "lvl")}
            )
            for item in root.findall(W + "abstractNum")
        }
        for num in root.findall(W + "num"):
            reference = num.find(W + "abstractNumId")
            found = abstract.get(reference.get(W + "val")) if reference is not None else None
            if found is not None:
                self._lists[num.get(W + "numId")] = found  # shared: lists of one style count on
                self._restarts[num.get(W + "numId")] = _overrides(num)

    def label(self, list_id: str, level: int) -> str | None:
        """The number as shown ("2.1", "（三）", "•" for bullets), None for an unknown list."""
        found = self._lists.get(list_id)
        if found is None or level not in found.levels:
            return None
        shape = found.levels[level]
        if shape.style == "bullet":
            return "•"
        restart = self._restarts[list_id].pop(level, None)
        current = found.counters.get(level)
        found.counters[level] = (
            restart if restart is not None else shape.start if current is None else current + 1
        )
        for deeper in [key for key in found.counters if key > level]:
            del found.counters[deeper]
        return self._fill(found, level)

    @staticmethod
    def _fill(found: _List, level: int) -> str:
        shape = found.levels[level]
        if shape.style == "none":
            return ""
        text = shape.text
        for index in range(level + 1):
            inner = found.levels.get(index, _Level())
            text = text.replace(f"%{index + 1}", render(found.counters.get(index, inner.start), inner.style))
        return text.strip()


def _value(parent: Any, name: str, default: str) -> str:
    child = parent.find(W + name)
    return default if child is None else child.get(W + "val") or default


def _level(lvl: Any) -> _Level:
    start = _value(lvl, "start", "1")
    return _Level(
        _value(lvl, "numFmt", "decimal"), _value(lvl, "lvlText", ""), int(start) if start.isdigit() else 1
    )


def _overrides(num: Any) -> dict[int, int]:
    found = {}
    for override in num.findall(W + "lvlOverride"):
        start = _value(override, "startOverride", "")
        if start.isdigit():
            found[int(override.get(W + "ilvl"))] = int(start)
    return found
