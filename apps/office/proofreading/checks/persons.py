"""Identity-card numbers: the last digit follows from the others (GB 11643)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Hit

_NUMBER = re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "10X98765432"


def check_digit(first: str) -> str:
    """The eighteenth character for seventeen digits."""
    return _DIGITS[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]


def identity_digit(draft: Draft) -> Iterator[Hit]:
    """No suggestion: which of the digits is wrong nobody can tell."""
    for match in _NUMBER.finditer(draft.text):
        if check_digit(match[0][:17]) != match[0][17].upper():
            yield Hit(match.start(), match.end())
