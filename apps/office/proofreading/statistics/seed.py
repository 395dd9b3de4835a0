"""What the language is before any document was read: the words of jieba's dictionary and of wordfreq."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from math import log10

_HAN = re.compile(r"[\u4e00-\u9fff]+\Z")
LONGEST = 8


@cache
def words() -> dict[str, int]:
    """jieba's words with their counts."""
    found: dict[str, int] = {}
    with (files("jieba") / "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, count, *_tag = line.split(" ")
            if len(word) <= LONGEST and _HAN.match(word):
                found[word] = int(count)
    return found


@cache
def weights() -> dict[str, float]:
    """Gentle weights: a frequent word counts some times, a rare one a little, so that documents outweigh it."""
    found = {
        word: max(0.2, log10(count + 1)) for word, count in words().items() if len(word) > 1 or count > 50
    }
    from wordfreq import get_frequency_dict

    for word, frequency in get_frequency_dict("zh", wordlist="best").items():
        if _HAN.match(word) and len(word) <= LONGEST:
            found[word] = max(found.get(word, 0.0), log10(1 + frequency * 1e7))
    return found
