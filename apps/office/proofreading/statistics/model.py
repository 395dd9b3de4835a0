"""A character language model: absolute discount, interpolated, kept in backoff form so that a question is
one look into a sorted table an order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from apps.office.proofreading.statistics.counting import ORDER, Vocabulary, counted, summed, weighted

DISCOUNT = 0.75
Floats = NDArray[np.float32]
Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Table:
    """n-grams of one order: `log_p` of the last character after the others, `log_back` of this n-gram as the
    history of a longer one (0 where it is none)."""

    keys: Keys
    log_p: Floats
    log_back: Floats


class Index:
    """Sorted keys behind a filter: most questions are about n-grams that nobody wrote, and a byte in a table
    that fits the processor's cache answers those."""

    _BITS = 22
    _ODD = np.uint64(0x9E3779B97F4A7C15)

    def __init__(self, keys: Keys) -> None:
        self.keys = np.asarray(keys)
        self._maybe = np.zeros(1 << self._BITS, dtype=bool)
        self._maybe[self._slots(self.keys)] = True

    def find(self, keys: Keys) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """For each key whether it is there, and where."""
        known = self._maybe[self._slots(keys)]
        place = np.zeros(len(keys), dtype=np.int64)
        asked = np.flatnonzero(known)
        if len(asked):
            found, where = _find(self.keys, keys[asked])
            known[asked] = found
            place[asked] = where
        return known, place

    def _slots(self, keys: Keys) -> NDArray[np.uint64]:
        return (keys * self._ODD) >> np.uint64(64 - self._BITS)


class LanguageModel:
    """`unigram` is log P by symbol. `own` holds the 2-grams of the house's own documents, for coverage."""

    def __init__(self, vocabulary: Vocabulary, unigram: Floats, tables: Sequence[Table], own: Keys) -> None:
        self.vocabulary, self.unigram, self.tables, self.own = vocabulary, unigram, list(tables), own
        self.unigram_back: Floats = np.zeros(len(unigram), dtype=np.float32)
        self.indexes = [Index(table.keys) for table in self.tables]
        self._own = Index(own)

    def log_probabilities(self, grams: NDArray[np.uint64]) -> Floats:
        """log P of the last of four symbols after the three before it, for an array of 4-gram keys."""
        mask = [np.uint64((1 << 16 * order) - 1) for order in range(ORDER + 1)]
        result = self.unigram[(grams & mask[1]).astype(np.int64)].copy()
        for order in range(2, ORDER + 1):
            keys = grams & mask[order]
            history = keys >> np.uint64(16)
            known, place = self.indexes[order - 2].find(keys)
            back = self._back(history, order - 1)
            result = np.where(known, self.tables[order - 2].log_p[place], result + back)
        return result

    def _back(self, history: Keys, order: int) -> Floats:
        if order == 1:
            return self.unigram_back[history.astype(np.int64)]
        table = self.tables[order - 2]
        known, place = self.indexes[order - 2].find(history)
        return np.where(known, table.log_back[place], np.float32(0))

    def known_pairs(self, symbols: NDArray[np.uint16]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """For each symbol whether it and the next are characters, and whether the house wrote the two so."""
        wide = symbols.astype(np.uint64)
        valid, known = np.zeros(len(wide), dtype=bool), np.zeros(len(wide), dtype=bool)
        valid[:-1] = (wide[:-1] >= 16) & (wide[1:] >= 16)
        known[:-1] = self._own.find((wide[:-1] << np.uint64(16)) | wide[1:])[0]
        return valid, known & valid

    def save(self, folder: Path) -> str:
        """Arrays as .npy files that can be mapped. Returns the fingerprint."""
        folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(self.vocabulary.characters.encode())
        for name, array in self._arrays().items():
            np.save(folder / f"{name}.npy", array)
            digest.update(np.ascontiguousarray(array).tobytes())
        (folder / "vocabulary.json").write_text(
            json.dumps(self.vocabulary.characters, ensure_ascii=False), "utf-8"
        )
        return digest.hexdigest()[:32]

    def _arrays(self) -> dict[str, NDArray[np.generic]]:
        found: dict[str, NDArray[np.generic]] = {
            "unigram": self.unigram, "unigram_back": self.unigram_back, "own": self.own,
        }  # fmt: skip
        for order, table in enumerate(self.tables, start=2):
            found |= {f"keys{order}": table.keys, f"p{order}": table.log_p, f"back{order}": table.log_back}
        return found

    @classmethod
    def open(cls, folder: Path) -> LanguageModel:
        """Tables are mapped, not read: processes share them."""
        characters = json.loads((folder / "vocabulary.json").read_text("utf-8"))
        load = {path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}
        tables = [
            Table(load[f"keys{order}"], load[f"p{order}"], load[f"back{order}"])
            for order in range(2, ORDER + 1)
        ]
        made = cls(Vocabulary(characters), np.array(load["unigram"]), tables, load["own"])
        made.unigram_back = np.array(load["unigram_back"])
        return made


def _find(table: Keys, keys: Keys) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    place = np.searchsorted(table, keys)
    place = np.minimum(place, max(len(table) - 1, 0))
    if not len(table):
        return np.zeros(len(keys), dtype=bool), place
    return table[place] == keys, place


def train(
    parts: Sequence[NDArray[np.uint16]], vocabulary: Vocabulary, *, seed: Mapping[str, float]
) -> LanguageModel:
    """From the symbols of texts (EDGE between clauses) and words with weights that stand for the language."""
    counts = {
        order: _joined(counted(parts, order), weighted(seed, vocabulary, order))
        for order in range(1, ORDER + 1)
    }
    own, _numbers = counted(parts, 2)
    size = 16 + len(vocabulary.characters)
    singles = np.full(size, 0.05)
    keys, numbers = counts[1]
    np.add.at(singles, keys.astype(np.int64), numbers)
    lower: NDArray[np.float64] = singles / singles.sum()
    unigram = np.log(lower).astype(np.float32)
    tables: list[Table] = []
    probabilities: tuple[Keys, NDArray[np.float64]] | None = None
    backs: dict[int, tuple[Keys, Floats]] = {}
    for order in range(2, ORDER + 1):
        keys, numbers = counts[order]
        history = keys >> np.uint64(16)
        starts = (
            np.flatnonzero(np.r_[True, history[1:] != history[:-1]]) if len(keys) else np.empty(0, np.int64)
        )
        heads = history[starts]
        lengths = np.diff(np.r_[starts, len(keys)])
        totals = np.add.reduceat(numbers, starts) if len(keys) else np.empty(0)
        discount = np.minimum(numbers, DISCOUNT)
        freed = (np.add.reduceat(discount, starts) if len(keys) else np.empty(0)) / np.maximum(totals, 1e-9)
        below = _lower_probability(keys, order, lower, probabilities)
        p = (numbers - discount) / np.repeat(totals, lengths) + np.repeat(freed, lengths) * below
        backs[order - 1] = (heads, np.log(np.maximum(freed, 1e-9)).astype(np.float32))
        probabilities = (keys, p)
        tables.append(Table(keys, np.log(p).astype(np.float32), np.zeros(len(keys), dtype=np.float32)))
    return _assembled(vocabulary, unigram, tables, backs, own, size)


def _joined(
    first: tuple[Keys, NDArray[np.uint32]], second: tuple[Keys, NDArray[np.float64]]
) -> tuple[Keys, NDArray[np.float64]]:
    return summed(
        np.concatenate([first[0], second[0]]), np.concatenate([first[1].astype(np.float64), second[1]])
    )


def _lower_probability(
    keys: Keys, order: int, unigram: NDArray[np.float64], table: tuple[Keys, NDArray[np.float64]] | None
) -> NDArray[np.float64]:
    """P of the last character after one character less of history: every n-gram's end is in the lower table."""
    shorter = keys & np.uint64((1 << 16 * (order - 1)) - 1)
    if table is None:
        return unigram[shorter.astype(np.int64)]
    known, place = _find(table[0], shorter)
    return np.where(known, table[1][place], 1e-9)


def _assembled(
    vocabulary: Vocabulary, unigram: Floats, tables: list[Table], backs: Mapping[int, tuple[Keys, Floats]],
    own: Keys, size: int,
) -> LanguageModel:  # fmt: skip
    """Put each history's backoff weight beside its own n-gram."""
    unigram_back = np.zeros(size, dtype=np.float32)
    heads, weights = backs[1]
    unigram_back[heads.astype(np.int64)] = weights
    for order in (2, 3):
        heads, weights = backs[order]
        table = tables[order - 2]
        known, place = _find(table.keys, heads)
        table.log_back[place[known]] = weights[known]
    made = LanguageModel(vocabulary, unigram, tables, own)
    made.unigram_back = unigram_back
    return made
