"""Cell values as people see them in the spreadsheet."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.')
_DECIMALS = re.compile(r"0\.(0+)")
_CURRENCY = "¥￥$€£"


def shown(value: object, number_format: str) -> str:
    """A cell's value in its number format: 45,600.00, 12.5%, 2024-05-01, ¥3.20."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return _moment(value, number_format)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes") if not value.second else value.isoformat("seconds")
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, (int, float)):
        return _number(value, number_format)
    return str(value)


def _moment(value: datetime, number_format: str) -> str:
    lowered = number_format.lower()
    if (value.hour, value.minute, value.second) == (0, 0, 0):
        if "d" not in lowered and "y" in lowered and "m" in lowered:
            return value.strftime("%Y-%m")
        return value.date().isoformat()
    return value.strftime("%Y-%m-%d %H:%M" if not value.second else "%Y-%m-%d %H:%M:%S")


def _number(value: float, number_format: str) -> str:
    decimals, thousands, percent, before, after = _layout(number_format)
    if decimals is None and not percent:
        return f"{before}{_general(value)}{after}"
    scaled = value * 100 if percent else value
    text = f"{scaled:,.{decimals or 0}f}" if thousands else f"{scaled:.{decimals or 0}f}"
    return f"{before}{text}{'%' if percent else ''}{after}"


def _general(value: float) -> str:
    """Up to 15 significant digits, as Excel keeps; whole numbers without a point."""
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"


@lru_cache(maxsize=512)
def _layout(number_format: str) -> tuple[int | None, bool, bool, str, str]:
    """(decimals or None for General, thousands, percent, text before, text after) of a format."""
    section = number_format.split(";")[0]
    if section.strip().lower() in ("general", "", "@"):
        return None, False, False, "", ""
    before, after = "", ""
    seen = False

    def literal(match: re.Match[str]) -> str:
        nonlocal before, after
        text = match[1] or match[2] or match[3] or ""
        if set(section[: match.start()]) & set("0#"):
            after += text
        else:
            before += text
        return ""

    body = _LITERAL.sub(literal, section)
    for char in body:
        seen = seen or char in "0#?"
        if char in _CURRENCY or char in "元万亿":
            before, after = (before, after + char) if seen else (before + char, after)
    if "e" in body.lower() or "/" in body or not seen:
        return None, False, False, "", ""  # scientific, fractions, text only: the plain value
    decimals = _DECIMALS.search(body)
    return len(decimals[1]) if decimals else 0, "," in body, "%" in body, before, after
