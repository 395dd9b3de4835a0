"""Facts about laws and places that change, from data files with the date of the change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Hit

DATA = Path(__file__).resolve().parents[2] / "data"
_TITLE = re.compile(r"《(?:中华人民共和国)?([^》〈\n]{2,40})》")
_PAST = re.compile(r"废止|失效|原$|曾|修订前|施行前")
_PLACE = re.compile(r"([\u4e00-\u9fff]{2,7}?(?:省|自治区))([\u4e00-\u9fff]{1,6}?市)")


@cache
def repealed_laws() -> dict[str, tuple[str, str]]:
    """Title without 中华人民共和国 → (since when, what took its place)."""
    entries = json.loads((DATA / "repealed.json").read_text(encoding="utf-8"))
    return {entry["title"]: (entry["since"], entry.get("by", "")) for entry in entries}


@cache
def regions() -> tuple[dict[str, str], frozenset[str]]:
    """City without 市 → its province, and the provinces."""
    provinces = json.loads((DATA / "regions.json").read_text(encoding="utf-8"))["provinces"]
    return {city: province for province, cities in provinces.items() for city in cities}, frozenset(provinces)


@cache
def _renamed() -> tuple[dict[str, tuple[str, int]], re.Pattern[str]]:
    entries = json.loads((DATA / "regions.json").read_text(encoding="utf-8"))["renamed"]
    known = {entry["old"]: (entry["new"], entry["year"]) for entry in entries}
    return known, re.compile("|".join(sorted(known, key=len, reverse=True)))


def repealed(draft: Draft) -> Iterator[Hit]:
    for match in _TITLE.finditer(draft.text):
        found = repealed_laws().get(match[1])
        around = (
            draft.text[max(0, match.start() - 8) : match.start()] + draft.text[match.end() : match.end() + 8]
        )
        if found is None or _PAST.search(around):
            continue
        since, by = found
        zh = f"《{match[1]}》自{since}起废止" + (f"，由《{by}》取代。" if by else "。")
        en = f"Repealed since {since}" + (f", replaced by 《{by}》." if by else ".")
        yield Hit(match.start(), match.end(), (f"《{by}》",) if by else (), {"zh": zh, "en": en})


def region(draft: Draft) -> Iterator[Hit]:
    """A city named under a province that it does not belong to."""
    cities, provinces = regions()
    for match in _PLACE.finditer(draft.text):
        named = next((province for province in provinces if match[1].endswith(province)), None)
        right = cities.get(match[2].removesuffix("市"))
        if named and right and right != named:
            note = {"zh": f"{match[2]}属于{right}。", "en": f"{match[2]} belongs to {right}."}
            start = match.end(1) - len(named)
            yield Hit(start, match.end(), (right + match[2],), note)


def renamed_region(draft: Draft) -> Iterator[Hit]:
    known, pattern = _renamed()
    for match in pattern.finditer(draft.text):
        before = draft.text[max(0, match.start() - 3) : match.start()]
        if "原" in before or "曾" in before:
            continue
        new, year = known[match[0]]
        note = {"zh": f"{year}年起为{new}。", "en": f"{new} since {year}."}
        yield Hit(match.start(), match.end(), (new,), note)
