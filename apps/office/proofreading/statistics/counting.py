"""n-grams of characters, counted as packed 64-bit keys: four characters of 16 bits each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Counts = NDArray[np.uint32]
ORDER = 4
EDGE, OTHER, DIGIT, LATIN = 1, 2, 3, 4  # symbols below the first character
FIRST = 16
MOST_CHARACTERS = 20_000
SPLIT = re.compile(r"[。！？；：!?;\n\r]+")
_HAN = re.compile(r"[\u3400-\u9fff]")


class Vocabulary:
    """Characters ↔ symbols. Digits and letters are one symbol each, so that a date teaches all dates."""

    def __init__(self, characters: str) -> None:
        self.characters = characters[:MOST_CHARACTERS]
        self._table = np.full(0x10000, OTHER, dtype=np.uint16)
        self._table[ord("0") : ord("9") + 1] = DIGIT
        for begin, end in (("a", "z"), ("A", "Z")):
            self._table[ord(begin) : ord(end) + 1] = LATIN
        for place, char in enumerate(self.characters):
            if ord(char) < 0x10000:
                self._table[ord(char)] = FIRST + place

    def symbols(self, text: str) -> NDArray[np.uint16]:
        """One a code point; what lies beyond the basic plane is OTHER."""
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        return np.where(points < 0x10000, self._table[np.minimum(points, 0xFFFF)], np.uint16(OTHER))

    def symbol(self, char: str) -> int:
        return int(self._table[ord(char)]) if ord(char) < 0x10000 else OTHER


def characters_of(texts: Iterable[str], *, least: int = 1) -> str:
    """The Chinese characters and marks of texts, the most frequent first."""
    counted: dict[str, int] = {}
    for text in texts:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        values, numbers = np.unique(points, return_counts=True)
        for value, number in zip(values.tolist(), numbers.tolist(), strict=True):
            char = chr(value)
            if _HAN.match(char) or char in "，、“”《》（）—·%":
                counted[char] = counted.get(char, 0) + number
    return "".join(
        char for char, number in sorted(counted.items(), key=lambda item: -item[1]) if number >= least
    )


def sentence_symbols(text: str, vocabulary: Vocabulary) -> NDArray[np.uint16]:
    """The symbols of a text with EDGE between its clauses and at both ends."""
    joined = "\n".join(part.strip() for part in SPLIT.split(text) if part.strip())
    symbols = vocabulary.symbols("\n" + joined + "\n").copy()
    marks = np.frombuffer(("\n" + joined + "\n").encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    symbols[marks == 10] = EDGE
    return symbols


def packed(symbols: NDArray[np.uint16], order: int) -> Keys:
    """The keys of all n-grams of one order; the last character is in the lowest bits."""
    wide = symbols.astype(np.uint64)
    length = len(wide) - order + 1
    if length <= 0:
        return np.empty(0, dtype=np.uint64)
    keys = np.zeros(length, dtype=np.uint64)
    for place in range(order):
        keys = (keys << np.uint64(16)) | wide[place : place + length]
    return keys


def counted(parts: Iterable[NDArray[np.uint16]], order: int) -> tuple[Keys, Counts]:
    """Keys in order and how often each was there."""
    keys = np.concatenate([packed(part, order) for part in parts] or [np.empty(0, dtype=np.uint64)])
    unique, numbers = np.unique(keys, return_counts=True)
    return unique, numbers.astype(np.uint32)


def weighted(
    words: Mapping[str, float], vocabulary: Vocabulary, order: int
) -> tuple[Keys, NDArray[np.float64]]:
    """The same of words with weights; nothing is known of what stands around them."""
    lengths: dict[int, list[tuple[str, float]]] = {}
    for word, weight in words.items():
        if len(word) >= order:
            lengths.setdefault(len(word), []).append((word, weight))
    keys, weights = [], []
    for length, entries in lengths.items():
        symbols = (
            vocabulary.symbols("".join(word for word, _weight in entries))
            .reshape(-1, length)
            .astype(np.uint64)
        )
        column = np.array([weight for _word, weight in entries])
        for begin in range(length - order + 1):
            key = np.zeros(len(entries), dtype=np.uint64)
            for place in range(order):
                key = (key << np.uint64(16)) | symbols[:, begin + place]
            keys.append(key)
            weights.append(column)
    if not keys:
        return np.empty(0, dtype=np.uint64), np.empty(0)
    return summed(np.concatenate(keys), np.concatenate(weights))


def summed(keys: Keys, weights: NDArray[np.float64]) -> tuple[Keys, NDArray[np.float64]]:
    unique, place = np.unique(keys, return_inverse=True)
    totals = np.bincount(place, weights=weights, minlength=len(unique))
    return unique, totals.astype(np.float64, copy=False)
