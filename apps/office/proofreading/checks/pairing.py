"""Brackets, quotation marks and title marks come in pairs, within a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Hit

CLOSER = {
    "《": "》",
    "（": "）",
    "“": "”",
    "‘": "’",
    "〈": "〉",
    "【": "】",
    "〔": "〕",
    "「": "」",
    "(": ")",
}
OPENER = {closer: opener for opener, closer in CLOSER.items()}
_MARKS = re.compile("[" + re.escape("".join(CLOSER) + "".join(OPENER)) + "]")
_ITEM = re.compile(r"\s*(?:\d{1,3}|[a-zA-Z]|[一二三四五六七八九十]{1,3})[)）]|.*[①-⑳]")
_PAUSE = re.compile(r"[，。；：！？、\s]|$")


def pairs(draft: Draft) -> Iterator[Hit]:
    for number, (start, end) in enumerate(draft.lines):
        line = draft.text[start:end]
        item = _ITEM.match(line)
        for place, mark in _unpaired(line):
            if mark in ")）" and item and place < item.end():
                continue  # 1） begins an item
            if mark == "’" and place and line[place - 1].isascii() and line[place - 1].isalpha():
                continue  # an apostrophe
            if mark in "“‘" and _goes_on(draft, number, mark):
                continue  # a quotation over paragraphs opens each of them
            yield _hit(start, line, place, mark)


def _unpaired(line: str) -> list[tuple[int, str]]:
    open_marks: list[tuple[int, str]] = []
    alone: list[tuple[int, str]] = []
    for match in _MARKS.finditer(line):
        mark = match[0]
        if mark in CLOSER:
            open_marks.append((match.start(), mark))
        elif any(opener == OPENER[mark] for _place, opener in open_marks):
            while open_marks[-1][1] != OPENER[mark]:
                alone.append(open_marks.pop())
            open_marks.pop()
        else:
            alone.append((match.start(), mark))
    mixed = {"(": "）", "（": ")"}  # rule P04 speaks of these
    return [
        (place, mark)
        for place, mark in sorted(alone + open_marks)
        if not (mark in mixed and mixed[mark] in line[place:])
        and not (mark in ")）" and OPENER["）" if mark == ")" else ")"] in line[:place])
    ]


def _goes_on(draft: Draft, number: int, mark: str) -> bool:
    following = (draft.line_text(later).strip() for later in range(number + 1, len(draft.lines)))
    after = next((text for text in following if text), "")
    return after.startswith(mark)


def _hit(start: int, line: str, place: int, mark: str) -> Hit:
    if mark in OPENER:
        return Hit(start + place, start + place + 1)
    pause = _PAUSE.search(line, place + 1)
    stop = pause.start() if pause else len(line)
    inside = line[place:stop]
    suggestion = (inside + CLOSER[mark],) if 2 <= len(inside) <= 24 else ()
    return Hit(start + place, start + (stop if suggestion else place + 1), suggestion)
