"""The list of attachments, what the text says of them, and the titles on their pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Hit

_FIRST = re.compile(r"^附件[：:]\s*(?:(\d{1,2})[.．、]\s*)?(\S.*)$")
_NEXT = re.compile(r"^(\d{1,2})[.．、]\s*(\S.*)$")
_PAGE = re.compile(r"^附件\s?(\d{0,2})[：:]?(?:[ \u3000\t]+(\S.*))?$")
_MENTION = re.compile(r"附件\s?(\d{1,2})(?!\d|[.．]\d)")


def _listed(draft: Draft) -> tuple[dict[int, str], int, int]:
    """The list by number (1 where it has none), and the lines it begins and ends on; no list: (-1, -1)."""
    names: dict[int, str] = {}
    begin = end = -1
    for number, _offset, line in draft.filled_lines():
        if begin < 0:
            if match := _FIRST.match(line):
                names[int(match[1] or 1)] = match[2].strip()
                begin = end = number
        elif (match := _NEXT.match(line)) and int(match[1]) == max(names) + 1:
            names[int(match[1])] = match[2].strip()
            end = number
        else:
            break
    return names, begin, end


def missing(draft: Draft) -> Iterator[Hit]:
    names, begin, _end = _listed(draft)
    if begin < 0:
        return
    for match in _MENTION.finditer(draft.text):
        alone = _PAGE.match(draft.line_text(draft.line_at(match.start())).strip())
        if int(match[1]) not in names and not alone:
            note = {
                "zh": f"附件说明中只有{len(names)}个附件。",
                "en": f"The list has {len(names)} attachments.",
            }
            yield Hit(match.start(), match.end(), (), note)


def titles(draft: Draft) -> Iterator[Hit]:
    """附件1 on a line, its title beside or below it, against the list."""
    names, begin, end = _listed(draft)
    if begin < 0:
        return
    lines = [entry for entry in draft.filled_lines() if entry[0] > end]
    for place, (_number, offset, line) in enumerate(lines):
        match = _PAGE.match(line)
        if match is None:
            continue
        wanted = names.get(int(match[1] or 1))
        title, at = (match[2], offset + match.start(2)) if match[2] else ("", 0)
        if not title and place + 1 < len(lines):
            at, title = lines[place + 1][1], lines[place + 1][2]
        if wanted and title and len(title) <= 60 and _bare(title) != _bare(wanted):
            yield Hit(at, at + len(title), (wanted,))


def _bare(title: str) -> str:
    return re.sub(r"[\s《》“”。，；]", "", title)
