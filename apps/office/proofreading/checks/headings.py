"""The skeleton of a document: title, addressee, levels and numbers of its headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.office.proofreading.repairs import HAN_DIGITS, small_number
from apps.office.proofreading.text import KINDS, Draft
from apps.office.proofreading.types import Hit

_LEVELS = (
    re.compile(r"^([一二三四五六七八九十]{1,3})、"),
    re.compile(r"^[（(]([一二三四五六七八九十]{1,3})[)）]"),
    re.compile(r"^(\d{1,2})[.．](?!\d)"),
    re.compile(r"^[（(](\d{1,2})[)）]"),
)
_BODY = (
    "人民政府",
    "委员会",
    "局",
    "厅",
    "部",
    "办公室",
    "公司",
    "单位",
    "学校",
    "学院",
    "处",
    "科室",
    "中心",
    "馆",
)
_ADDRESSEE = re.compile(rf"^(?:各[^。；]{{1,38}}|[^。；，]{{2,30}}(?:{'|'.join(_BODY)}))([，,:；;])$")
_PRINTED = re.compile(r"^\S{2,30}(?:办公室|办公厅|局|委|部|府|处)[ \u3000\t]+\d{4}年\d{1,2}月\d{1,2}日$")
_TO_MANY = re.compile(r"^(?:主送[：:])?([^。；\n]{2,60})[：:，]?$")

Heading = tuple[int, int, int, int]  # level from 0, number, offset, length of the number's text


def _headings(draft: Draft) -> Iterator[tuple[int, int, int, int, str]]:
    """(level, number, offset of the number, its length, the line)."""
    for _number, offset, line in draft.filled_lines():
        for level, pattern in enumerate(_LEVELS):
            if match := pattern.match(line):
                value = int(match[1]) if match[1].isdigit() else small_number(match[1])
                if value:
                    yield level, value, offset + match.start(1), len(match[1]), line
                break


def heading_stop(draft: Draft) -> Iterator[Hit]:
    """A short line with the number of the first level is a heading; 。 only ends sentences."""
    for _number, offset, line in draft.filled_lines():
        short = len(line) <= 18 and line.endswith("。") and not re.search("[，；：]", line)
        if short and _LEVELS[0].match(line):
            end = offset + len(line)
            yield Hit(end - 2, end, (draft.text[end - 2],))


def level_order(draft: Draft) -> Iterator[Hit]:
    """Arabic numbers may follow 一、 directly only where （一） is not used below them."""
    found = list(_headings(draft))
    for place, (level, _value, offset, length, _line) in enumerate(found):
        if level != 1:
            continue
        before = [entry[0] for entry in found[:place]]
        since = before[len(before) - before[::-1].index(0) :] if 0 in before else before
        if 2 in since and 1 not in since:
            yield Hit(offset - 1, offset + length + 1)


def number_order(draft: Draft) -> Iterator[Hit]:
    """Within one parent a number is its predecessor's plus one; a list may begin again with 1."""
    last: dict[int, int] = {}
    for level, value, offset, length, _line in _headings(draft):
        for deeper in [known for known in last if known > level]:
            del last[deeper]
        before = last.get(level)
        if before is not None and value not in (1, before + 1):
            yield Hit(offset, offset + length, (_like(draft.text[offset : offset + length], before + 1),))
        last[level] = value


def _like(text: str, value: int) -> str:
    """The number in the numerals that the text has."""
    if text.isdigit():
        return str(value)
    tens, ones = divmod(value, 10)
    ten = "" if not tens else ("" if tens == 1 else HAN_DIGITS[tens]) + "十"
    return ten + (HAN_DIGITS[ones] if ones else "")


def addressee(draft: Draft) -> Iterator[Hit]:
    """Among the first lines, a line of bodies that ends with another mark than ：."""
    for place, (_number, offset, line) in enumerate(draft.filled_lines()):
        if place > 3:
            return
        if match := _ADDRESSEE.match(line):
            start = offset + match.start(1)
            yield Hit(start, start + 1, ("：",))
            return


def one_addressee(draft: Draft) -> Iterator[Hit]:
    if draft.kind != "请示":
        return
    for place, (_number, offset, line) in enumerate(draft.filled_lines()):
        named = line.startswith("主送") or (place <= 3 and line.endswith(("：", ":")))
        match = _TO_MANY.match(line) if named else None
        if match and len([part for part in re.split("[、，,]", match[1]) if part.strip()]) > 1:
            yield Hit(offset + match.start(1), offset + match.end(1))
            return


def title_elements(draft: Draft) -> Iterator[Hit]:
    """The first line, where it is a bare kind, or 关于 without a kind."""
    for _number, offset, line in draft.filled_lines():
        bare = line.replace(" ", "").replace("\u3000", "") in KINDS
        kindless = re.match(r"^(?:\S{2,20})?关于[^。，；：]{4,40}$", line) and not line.endswith(
            (*KINDS, "令")
        )
        has_more = draft.text[offset + len(line) :].strip()
        if bare or (kindless and has_more):
            yield Hit(offset, offset + len(line))
        return


def printing_date(draft: Draft) -> Iterator[Hit]:
    for _number, offset, line in draft.filled_lines():
        if _PRINTED.match(line):
            end = offset + len(line)
            yield Hit(end - 1, end, ("日印发",))
