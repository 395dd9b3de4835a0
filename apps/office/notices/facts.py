"""What a caller tells, made fit for a document: names known, dates checked, text as text and nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from apps.core.problems import invalid
from apps.office.notices.fields import field_called

MOST_FACTS, MOST_POINTS, LONGEST_FACT = 60, 60, 4000
_ISO = re.compile(r"(?<![\d.])(?P<y>(?:19|20)\d{2})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?![\d.])")
_HAN = re.compile(r"(?P<y>(?:19|20)\d{2})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号]")
_BREAKS = re.compile(r"[，、；。：]")
_LOOSE = re.compile(r"(?<![\d年])(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]")


@dataclass(frozen=True, slots=True)
class Fact:
    """`points` is what it says, one or several; `given` the name it came under, `raw` the text as it came."""

    name: str
    given: str
    points: tuple[str, ...]
    raw: str

    @property
    def text(self) -> str:
        """In one line: short points as a row of words, others as clauses."""
        short = all(len(point) <= 15 and not _BREAKS.search(point) for point in self.points)
        return ("、" if short else "；").join(self.points)


def read_facts(given: Mapping[str, Any]) -> dict[str, Fact]:
    """Facts by the name of their field. Raises Problem 422 for too many, too long, or a date that is not."""
    if len(given) > MOST_FACTS:
        raise invalid("facts", _("At most %(most)d facts.") % {"most": MOST_FACTS})
    found: dict[str, Fact] = {}
    for name, value in given.items():
        label = clean(str(name))[:40]
        points = _points(value, where=f"facts.{label}")
        if not label or not points:
            continue
        field = field_called(label)
        key = field.name if field else label
        raw = "\n".join(points)
        before = found.get(key)
        dated = tuple(official_dates(point, where=f"facts.{label}") for point in points)
        found[key] = Fact(
            key,
            before.given if before else label,
            (*before.points, *dated) if before else dated,
            f"{before.raw}\n{raw}" if before else raw,
        )
    return found


def _points(value: Any, *, where: str) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, Mapping):
        value = [f"{name}：{part}" for name, part in value.items()]
    lines = value if isinstance(value, Sequence) and not isinstance(value, str) else str(value).splitlines()
    texts = [clean(str(line)) for line in lines if line is not None]
    texts = [text for text in texts if text]
    if len(texts) > MOST_POINTS or sum(map(len, texts)) > LONGEST_FACT:
        raise invalid(where, _("A fact may have %(most)d characters.") % {"most": LONGEST_FACT})
    return tuple(texts)


def clean(text: str) -> str:
    """One line of text: no control or direction characters, no lone surrogates; everything else as it is."""
    kept = (
        " " if letter in "\t\r\n\u2028\u2029" else letter
        for letter in text
        if letter in "\t\r\n\u2028\u2029"
        or unicodedata.category(letter) not in {"Cc", "Cs", "Co", "Cn"}
        and letter not in _DIRECTION
    )
    return " ".join("".join(kept).split())


_DIRECTION = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def official_dates(text: str, *, where: str) -> str:
    """2026-3-5 and 2026年03月05日 as 2026年3月5日. Raises Problem 422 for a day that the calendar does not have."""
    checked = _ISO.sub(lambda match: _written(match, where=where), text)
    checked = _HAN.sub(lambda match: _written(match, where=where), checked)
    for match in _LOOSE.finditer(checked):
        _day(
            2024, int(match["m"]), int(match["d"]), match[0], where=where
        )  # a leap year: 2月29日 may be meant
    return checked


def _written(match: re.Match[str], *, where: str) -> str:
    day = _day(int(match["y"]), int(match["m"]), int(match["d"]), match[0], where=where)
    return written(day)


def written(day: date) -> str:
    """As official documents write a day: Arabic numerals, no leading zero."""
    return f"{day.year}年{day.month}月{day.day}日"


def read_day(text: str, *, where: str) -> date:
    """The one day that a text names. Raises Problem 422 where it names none."""
    match = _ISO.search(text) or _HAN.search(text)
    if match is None:
        raise invalid(where, _("Write the day as 2026-03-05 or 2026年3月5日."))
    return _day(int(match["y"]), int(match["m"]), int(match["d"]), match[0], where=where)


def _day(year: int, month: int, day: int, shown: str, *, where: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise invalid(where, _("There is no such day: %(day)s.") % {"day": shown}) from None
