"""Titles in lines that break between words, each a little shorter or longer than the last but never ragged."""

from __future__ import annotations

import re

MOST = 20  # characters of 22 pt in the width of the type area
_AFTER = re.compile(
    r"(?<=关于)|(?<=的)(?=通知|报告|请示|决定|意见|函|通报|批复|公告|通告|议案|决议|公报)|(?<=[》、，和与及])|(?=《)"
)
_NEVER_FIRST = "的了和与及、，。；：》）”’"


def title_lines(title: str, *, most: int = MOST) -> list[str]:
    """One to four lines. Words are whole where jieba is there; what is in 《》 is kept together where it fits."""
    if len(title) <= most:
        return [title]
    words = _words(title)
    for count in range(-(-len(title) // most), 6):
        if lines := _balanced(words, count, len(title) / count, most):
            return lines
    return [title[at : at + most] for at in range(0, len(title), most)]


def _balanced(words: list[str], count: int, ideal: float, most: int) -> list[str]:
    """The words in `count` lines, none too long, as even as they come; [] where they do not fit."""
    best: dict[tuple[int, int], tuple[float, list[str]]] = {(0, 0): (0.0, [])}
    for made in range(count):
        for end in range(1, len(words) + 1):
            for start in range(end):
                before = best.get((start, made))
                line = "".join(words[start:end])
                if before is None or len(line) > most or line[0] in _NEVER_FIRST:
                    continue
                cost = before[0] + (len(line) - ideal) ** 2 + (0 if _breaks_well(words, end) else 6)
                if (end, made + 1) not in best or cost < best[end, made + 1][0]:
                    best[end, made + 1] = (cost, [*before[1], line])
    return best.get((len(words), count), (0.0, []))[1]


def _breaks_well(words: list[str], end: int) -> bool:
    if end == len(words):
        return True
    whole, at = "".join(words), len("".join(words[:end]))
    return any(match.start() == at for match in _AFTER.finditer(whole))


def _words(title: str) -> list[str]:
    try:
        import jieba
    except ImportError:
        return re.findall(r"[A-Za-z0-9.%]+|.", title)
    jieba.setLogLevel(40)
    words: list[str] = []
    for word in jieba.cut(title):
        if words and word[0] in "年月日号届次%％" and words[-1][-1].isdigit():
            words[-1] += word
        elif word:
            words.append(word)
    return words
