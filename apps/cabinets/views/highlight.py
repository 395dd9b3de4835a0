"""The part of a passage that is shown, with the words of the question marked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

LONGEST = 420
LEAD = 60
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORDS = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+(?:[.\-/][^\W_{HAN}]+)*")
# Words that a question is made of and that mark nothing.
ASKING = re.compile(
    r"什么|怎么|怎样|如何|哪些|哪个|哪里|多少|是否|可以|需要|请问|为什么|几天|多久|有没有|[的了吗呢吧是有在和与或及]"
)
STOP = frozenset(
    "a an and are as at be by can do does for from how i in is it may much many of on or our the there this to was we what when where which who will with you".split()
)
MOST_TERMS = 40
EDGE = re.compile(r"[\s。；，！？、.;,!?]+")
RULE = re.compile(r"(?::?-{3,}:?(?: · )?)+")


def terms(query: str) -> list[str]:
    """What to mark: Latin words and numbers whole; Han runs whole, and their pairs of characters."""
    found: dict[str, None] = {}
    for word in WORDS.findall(query):
        if re.match(f"[{HAN}]", word):
            for run in ASKING.sub(" ", word).split():
                found[run] = None
                found |= dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1))
        elif word.casefold() not in STOP:
            found[word.casefold()] = None
    kept = [term for term in found if len(term) > 1 or term.isdigit()]
    return sorted(kept, key=len, reverse=True)[:MOST_TERMS]


def excerpt(text: str, query: str) -> SafeString:
    """At most LONGEST characters around where the terms stand closest, escaped, with <mark> around them."""
    text = _plain(text)
    patterns = [re.compile(_shape(term), re.IGNORECASE) for term in terms(query)]
    shown = _cut(text, _start(_spans(text, patterns), len(text)))
    parts, last = [], 0
    for low, high in _spans(shown, patterns):
        parts.append((shown[last:low], shown[low:high]))
        last = high
    marked = format_html_join("", "{}<mark>{}</mark>", parts)
    return format_html("{}{}", marked, shown[last:])


def _plain(text: str) -> str:
    """A table's rows as lines without the marks of Markdown."""
    if "|" not in text:
        return text
    rows = [
        " · ".join(cell for cell in map(str.strip, line.split("|")) if cell) for line in text.splitlines()
    ]
    return "\n".join(row for row in rows if not RULE.fullmatch(row))


def _spans(text: str, patterns: Sequence[re.Pattern[str]]) -> list[tuple[int, int]]:
    """Where the terms stand, overlapping and touching ones as one."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(match.span() for pattern in patterns for match in pattern.finditer(text)):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _shape(term: str) -> str:
    """Latin words from their beginning and with any ending, so that "leave" marks "leaves"."""
    if re.match(f"[{HAN}]", term):
        return re.escape(term)
    return rf"(?<![^\W_{HAN}]){re.escape(term)}[a-z]{{0,3}}(?![^\W_{HAN}])"


def _start(spans: list[tuple[int, int]], length: int) -> int:
    """Where the window of LONGEST characters with the most marks begins."""
    if length <= LONGEST or not spans:
        return 0
    best = max(
        spans, key=lambda span: sum(1 for low, _ in spans if span[0] <= low < span[0] + LONGEST - LEAD)
    )
    return max(0, min(best[0] - LEAD, length - LONGEST))


def _cut(text: str, start: int) -> str:
    """A piece that begins behind a mark or a space where one is near, not within a word."""
    if start and (edge := EDGE.search(text, start, start + LEAD // 2)):
        start = edge.end()
    end = start + LONGEST
    return ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")
