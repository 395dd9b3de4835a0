"""Suggestions that are computed from what a pattern matched."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

HAN_DIGITS = "〇一二三四五六七八九"
_DIGIT_OF = {char: str(value) for value, char in enumerate(HAN_DIGITS)} | {"零": "0", "○": "0"}
_SMALL = re.compile(r"^([一二三四五六七八九]?)(十?)([一二三四五六七八九]?)$")


def small_number(text: str) -> int | None:
    """The value of 一 to 九十九; None for anything else."""
    match = _SMALL.match(text)
    if not text or match is None:
        return None
    tens, ten, ones = match.groups()
    if not ten:
        return HAN_DIGITS.index(tens) if tens and not ones else None
    return (HAN_DIGITS.index(tens) if tens else 1) * 10 + (HAN_DIGITS.index(ones) if ones else 0)


def arabic_date(text: str) -> str:
    """Year digits one by one, month and day as numbers: 二〇二五年三月一日 → 2025年3月1日."""
    text = re.sub(r"[〇○零一二三四五六七八九]{4}(?=年)", lambda m: "".join(_DIGIT_OF[c] for c in m[0]), text)
    return re.sub(r"[一二三四五六七八九十]+(?=[月日])", lambda m: str(small_number(m[0]) or m[0]), text)


def _half_width(text: str) -> list[str]:
    return [unicodedata.normalize("NFKC", text)]


def _arabic(text: str) -> list[str]:
    return [arabic_date(text)]


def _plain_number(text: str) -> list[str]:
    match = re.match(r"^(\d+)([千百])$", text)
    return [str(int(match[1]) * {"千": 1000, "百": 100}[match[2]])] if match else []


def _few(text: str) -> list[str]:
    if match := re.match(r"^(\d*)0几$", text):
        tens = int(match[1] or "0")
        return [("" if tens == 1 else HAN_DIGITS[tens]) + "十几"] if 1 <= tens <= 9 else []
    return []


def _han_digits(text: str) -> list[str]:
    return [re.sub(r"\d", lambda m: HAN_DIGITS[int(m[0])], text)]


def _clock(text: str) -> list[str]:
    match = re.match(r"^(下午|晚上|傍晚)\s?(\d+)(.*)$", text)
    if match is None:
        return []
    return [match[2] + match[3], f"{match[1]}{int(match[2]) - 12}{match[3]}"]


def _masked(text: str) -> list[str]:
    """As much as a notice needs to tell people apart."""
    return [text[:6] + "********" + text[-4:]] if len(text) == 18 else [text[:3] + "****" + text[-4:]]


REPAIRS: dict[str, Callable[[str], list[str]]] = {
    "half_width": _half_width,
    "date_digits": _arabic,
    "date_arabic": _arabic,
    "plain_number": _plain_number,
    "few": _few,
    "han_digits": _han_digits,
    "clock": _clock,
    "masked": _masked,
}
