"""The noisy channel as arrays: what could have been meant by a symbol, or by two of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.office.proofreading.statistics import seed
from apps.office.proofreading.statistics.counting import FIRST, Vocabulary
from apps.office.proofreading.statistics.model import Index
from apps.office.proofreading.statistics.sounds import confusable, syllables

MOST_OTHERS = 80
LEAST_WORD = 20  # of jieba's counts: rarer words are not proposed
_MOST_COMMON = 5_500


@dataclass(frozen=True, slots=True)
class Channel:
    """`start[s]:start[s + 1]` are the others of symbol s, with their costs; `words` the keys of
    two-character words; `by_sound` the words of a pair of syllables, `sound` the syllables of a symbol."""

    start: NDArray[np.int64]
    others: NDArray[np.uint16]
    costs: NDArray[np.float32]
    words: Index
    by_sound: dict[tuple[str, str], list[int]]
    sound: dict[int, tuple[str, ...]]

    def is_word(self, pairs: NDArray[np.uint64]) -> NDArray[np.bool_]:
        return self.words.find(pairs)[0]

    def same_sound(self, first: int, second: int) -> list[int]:
        """Keys of words that sound like these two symbols, both of them other characters or one."""
        found: list[int] = []
        for one in self.sound.get(first, ()):
            for two in self.sound.get(second, ()):
                found += self.by_sound.get((one, two), [])
        own = first << 16 | second
        return [key for key in found if key != own]


def channel(vocabulary: Vocabulary) -> Channel:
    characters = vocabulary.characters[:_MOST_COMMON]
    number = {char: FIRST + place for place, char in enumerate(vocabulary.characters)}
    table = confusable(char for char in characters if "\u3400" <= char <= "\u9fff")
    start = np.zeros(FIRST + len(vocabulary.characters) + 1, dtype=np.int64)
    others: list[int] = []
    costs: list[float] = []
    for place, char in enumerate(vocabulary.characters):
        start[FIRST + place] = len(others)
        ranked = sorted(table.get(char, {}).items(), key=lambda item: (item[1], number[item[0]]))[
            :MOST_OTHERS
        ]
        others += [number[other] for other, _cost in ranked]
        costs += [cost for _other, cost in ranked]
    start[FIRST + len(vocabulary.characters) :] = len(others)
    pairs = [word for word, count in seed.words().items() if len(word) == 2 and count >= LEAST_WORD]
    pairs = [word for word in pairs if word[0] in number and word[1] in number]
    by_sound: dict[tuple[str, str], list[int]] = defaultdict(list)
    for word in pairs:
        for one in syllables(word[0])[:2]:
            for two in syllables(word[1])[:2]:
                by_sound[(one, two)].append(number[word[0]] << 16 | number[word[1]])
    return Channel(
        start,
        np.array(others, dtype=np.uint16),
        np.array(costs, dtype=np.float32),
        Index(np.array(sorted(number[word[0]] << 16 | number[word[1]] for word in pairs), dtype=np.uint64)),
        dict(by_sound),
        {number[char]: syllables(char) for char in table},
    )
