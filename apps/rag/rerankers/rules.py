"""What tells one rule of the state from another, beside what features.py measures of any passage.

Rules are short and much alike, so that their length, measured by the others at hand, says more than elsewhere; and a
question in everyday words hardly shares any with them, so that an everyday word counts as held where an official word
for it is (wording.py). Computed only where the candidates are such rules (norms.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from apps.rag.rerankers.lexical import Spots, idf, wanted_terms
from apps.rag.sparse import fold
from apps.rag.wording import wordings

NAMES = ("bm25", "concepts", "official")
K1, B = 1.2, 0.75
MEANT = 0.8  # of a word's weight, where an official word stands for it


def measured(question: str, texts: Sequence[str], spotted: Sequence[Spots]) -> Mapping[str, list[float]]:
    """For each folded text: BM25 with the average length and the rarity among these texts; the weight of the
    question's concepts, and of those in everyday words alone. Shares of the best, in 0–1. `spotted` are the places
    of wanted_terms(question)."""
    counted = [Counter([number for _, number in spots]) for spots in spotted]
    holding = Counter([number for counts in counted for number in counts])
    weights = {number: idf(held, len(texts)) for number, held in holding.items()}
    official, rest = _everyday(question, texts)
    plain = _numbers(question, rest)
    concepts = [
        found + sum([weights[number] for number in counts if number in plain])
        for found, counts in zip(official, counted, strict=True)
    ]
    found = {"bm25": _bm25(texts, counted, weights), "concepts": concepts, "official": official}
    return {name: _of_best(values) for name, values in found.items()}


def _bm25(
    texts: Sequence[str], counted: Sequence[Mapping[int, int]], weights: Mapping[int, float]
) -> list[float]:
    average = sum(map(len, texts)) / len(texts) or 1.0
    norms = [K1 * (1 - B + B * len(text) / average) for text in texts]
    return [
        sum([weights[number] * times * (K1 + 1) / (times + norm) for number, times in counts.items()])
        for counts, norm in zip(counted, norms, strict=True)
    ]


def _everyday(question: str, texts: Sequence[str]) -> tuple[list[float], str]:
    """The weight of the everyday words that each text holds, as such or in official words; the question without them."""
    total, rest = [0.0] * len(texts), question
    for one in wordings(question):
        rest = rest.replace(one.said, " ")
        meant = _folded(one.meant)
        held = [_held(text, one.said, meant) for text in texts]
        weight = idf(sum(map(bool, held)), len(texts))
        total = [sum_ + weight * share for sum_, share in zip(total, held, strict=True)]
    return total, rest


def _numbers(question: str, rest: str) -> frozenset[int]:
    """Which of the question's terms are still in what is left of it."""
    left = frozenset(wanted_terms(rest)) if any(map(str.isalnum, rest)) else frozenset()
    return frozenset(number for number, term in enumerate(wanted_terms(question)) if term in left)


@lru_cache(maxsize=4096)
def _folded(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, words))


def _held(text: str, said: str, meant: Sequence[str]) -> float:
    if said in text:
        return 1.0
    for words in meant:
        if words in text:
            return MEANT
    return 0.0


def _of_best(values: list[float]) -> list[float]:
    best = max(values, default=0.0)
    return [value / best for value in values] if best > 0 else values
