"""From a hit to the smallest edit that says the same."""

from __future__ import annotations


def trimmed(old: str, new: str) -> tuple[int, int]:
    """How many characters old and new share at their begin and at their end."""
    most = min(len(old), len(new))
    begin = 0
    while begin < most and old[begin] == new[begin]:
        begin += 1
    end = 0
    while end < most - begin and old[-1 - end] == new[-1 - end]:
        end += 1
    return begin, end


def smallest(start: int, old: str, values: tuple[str, ...]) -> tuple[int, str, tuple[str, ...]]:
    """(start, old text, new texts) without what all of them share, one character of the old text kept."""
    if not values or not old:
        return start, old, values
    pairs = [trimmed(old, value) for value in values]
    begin, end = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    if begin + end >= len(old):  # an insertion: keep the character before it, else the one after
        begin, end = (begin - 1, end) if begin else (begin, end - 1)
    begin, end = _whole(old, begin, end)
    stop = len(old) - end
    return start + begin, old[begin:stop], tuple(value[begin : len(value) - end] for value in values)


def _whole(old: str, begin: int, end: int) -> tuple[int, int]:
    """Wider, so that no number and no Latin word is cut: 10 becomes 11, not 0 becomes 1."""
    while begin and _joined(old, begin - 1) and _joined(old, begin):
        begin -= 1
    while end and _joined(old, len(old) - end) and _joined(old, len(old) - end - 1):
        end -= 1
    return begin, end


def _joined(text: str, place: int) -> bool:
    char = text[place : place + 1]
    return char.isascii() and char.isalnum()


def operation_of(old: str, values: tuple[str, ...]) -> str:
    if not values:
        return "flag"
    new = values[0]
    if sorted(old) == sorted(new):
        return "reorder"
    begin, end = trimmed(old, new)
    if begin + end == len(old):
        return "insert"
    return "delete" if begin + end == len(new) else "replace"
