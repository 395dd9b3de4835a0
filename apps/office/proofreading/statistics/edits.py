"""Edits that the model prefers to what stands there, each with its gain in nats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.office.proofreading.statistics.candidates import Channel
from apps.office.proofreading.statistics.counting import FIRST, ORDER, packed
from apps.office.proofreading.statistics.model import LanguageModel

WORD_BONUS = 1.5  # a character that makes a word of its neighbour
KEEP_PENALTY = 2.0  # one that breaks a word that stands there
PAIR_COST, SWAP_COST, EXTRA_COST = 2.0, 4.0, 7.0
MOST_PAIRS = 40
Symbols = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Edit:
    """Symbols [start, end) become `new`; `kind` is one of character, word, extra, swap."""

    start: int
    end: int
    new: tuple[int, ...]
    gain: float
    kind: str


class Searcher:
    """One stretch of symbols, with EDGE at its begin. Positions are those of the stretch."""

    def __init__(self, model: LanguageModel, channel: Channel, symbols: Symbols) -> None:
        self.model, self.channel = model, channel
        pad = np.ones(ORDER - 1, dtype=np.uint16)
        self.symbols = symbols
        self.grams = packed(np.concatenate([pad, symbols, pad]), ORDER)
        self.log_p = model.log_probabilities(self.grams)
        sums = np.cumsum(np.concatenate([[0.0], self.log_p.astype(np.float64)]))
        count = len(symbols)
        self.window = sums[ORDER : ORDER + count] - sums[:count]  # the four factors that hold a symbol
        self.window5 = (
            np.append(sums[ORDER + 1 : ORDER + count] - sums[: count - 1], 0.0) if count else sums[:0]
        )

    def edits(self, gain: float, open_places: NDArray[np.bool_]) -> list[Edit]:
        """The best edits that do not touch each other, in order of place. Only `open_places` are changed."""
        found = [
            *self._characters(gain, open_places),
            *self._pairs(gain, open_places),
            *self._extra(gain, open_places),
        ]
        taken = np.zeros(len(self.symbols), dtype=bool)
        chosen = []
        for edit in sorted(found, key=lambda one: -one.gain):
            around = slice(max(0, edit.start - 1), edit.end + 1)
            if not taken[around].any():
                taken[edit.start : edit.end] = True
                chosen.append(edit)
        return sorted(chosen, key=lambda one: one.start)

    def _suspicious(self, least: float, open_places: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.flatnonzero(open_places & (self.symbols >= FIRST) & (-self.window > least))

    def _characters(self, gain: float, open_places: NDArray[np.bool_]) -> Iterator[Edit]:
        places = self._suspicious(gain, open_places)
        starts = self.channel.start[self.symbols[places].astype(np.int64)]
        lengths = self.channel.start[self.symbols[places].astype(np.int64) + 1] - starts
        total = int(lengths.sum())
        if not total:
            return
        at = np.repeat(places, lengths)
        offset = (
            np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(starts, lengths)
        )
        new, costs = self.channel.others[offset], self.channel.costs[offset]
        linked, bonus = self._links(at, new)
        at, new, costs, bonus = at[linked], new[linked], costs[linked], bonus[linked]
        gains = self._replaced(at, new) - self.window[at] - costs + bonus
        good = np.flatnonzero(gains >= gain)
        best: dict[int, int] = {}
        for place in good[np.argsort(gains[good])]:
            best[int(at[place])] = int(place)
        for start, place in best.items():
            yield Edit(start, start + 1, (int(new[place]),), float(gains[place]), "character")

    def _links(self, at: NDArray[np.int64], new: Symbols) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which new symbols are known beside a neighbour, and the bonus for words made less words broken."""
        padded = np.concatenate([[1], self.symbols, [1]]).astype(np.uint64)
        left, old, right, wide = padded[at], padded[at + 1], padded[at + 2], new.astype(np.uint64)
        known = np.zeros(len(at), dtype=bool)
        bonus = np.zeros(len(at))
        for pair, before in (((left << np.uint64(16)) | wide, (left << np.uint64(16)) | old),
                             ((wide << np.uint64(16)) | right, (old << np.uint64(16)) | right)):  # fmt: skip
            known |= self.model.indexes[0].find(pair)[0]
            bonus += WORD_BONUS * self.channel.is_word(pair) - KEEP_PENALTY * self.channel.is_word(before)
        return known, np.clip(bonus, -2 * KEEP_PENALTY, WORD_BONUS)

    def _replaced(self, at: NDArray[np.int64], new: Symbols) -> NDArray[np.float64]:
        """The four factors with the new symbol in the place of the old."""
        total = np.zeros(len(at))
        for step in range(ORDER):
            shift = np.uint64(16 * step)
            mask = ~np.uint64(0xFFFF << (16 * step))
            total += self.model.log_probabilities(
                (self.grams[at + step] & mask) | (new.astype(np.uint64) << shift)
            )
        return total

    def _pairs(self, gain: float, open_places: NDArray[np.bool_]) -> Iterator[Edit]:
        """Two symbols for two: a word of the same sound, or the two swapped."""
        symbols = self.symbols
        if len(symbols) < 2:
            return
        both = open_places[:-1] & open_places[1:] & (symbols[:-1] >= FIRST) & (symbols[1:] >= FIRST)
        worth = both & (-self.window5[:-1] > gain + PAIR_COST)
        at: list[int] = []
        keys: list[int] = []
        costs: list[float] = []
        for place in np.flatnonzero(worth).tolist():
            first, second = int(symbols[place]), int(symbols[place + 1])
            words = self.channel.same_sound(first, second)[:MOST_PAIRS]
            swapped = [second << 16 | first] if first != second else []
            at += [place] * (len(words) + len(swapped))
            keys += words + swapped
            costs += [PAIR_COST] * len(words) + [SWAP_COST] * len(swapped)
        if not at:
            return
        where, key = np.array(at), np.array(keys, dtype=np.uint64)
        gains = self._paired(where, key) - self.window5[where] - np.array(costs)
        for place in np.flatnonzero(gains >= gain).tolist():
            first, second = int(key[place]) >> 16, int(key[place]) & 0xFFFF
            start = int(where[place])
            is_swap = costs[place] == SWAP_COST
            yield Edit(start, start + 2, (first, second), float(gains[place]), "swap" if is_swap else "word")

    def _paired(self, at: NDArray[np.int64], key: NDArray[np.uint64]) -> NDArray[np.float64]:
        first, second = key >> np.uint64(16), key & np.uint64(0xFFFF)
        total = np.zeros(len(at))
        for step in range(ORDER + 1):
            gram = self.grams[at + step]
            if step < ORDER:
                gram = (gram & ~np.uint64(0xFFFF << (16 * step))) | (first << np.uint64(16 * step))
            if step > 0:
                shift = 16 * (step - 1)
                gram = (gram & ~np.uint64(0xFFFF << shift)) | (second << np.uint64(shift))
            total += self.model.log_probabilities(gram)
        return total

    def _extra(self, gain: float, open_places: NDArray[np.bool_]) -> Iterator[Edit]:
        """A symbol that repeats the one before it."""
        symbols = self.symbols
        doubled = np.flatnonzero(symbols[1:] == symbols[:-1]) + 1
        for place in (int(one) for one in doubled if open_places[one] and symbols[one] >= FIRST):
            around = np.concatenate(
                [np.ones(3, np.uint16), symbols[:place], symbols[place + 1 :], np.ones(3, np.uint16)]
            )
            piece = around[place : place + 2 * ORDER - 2]
            without = float(self.model.log_probabilities(packed(piece, ORDER)).sum())
            won = without - float(self.window[place]) - EXTRA_COST
            if won >= gain:
                yield Edit(place, place + 1, (), won, "extra")
