"""The reranker without weights: how much of the question stands close together in a passage.

A passage that answers holds the question's rare terms within one sentence; one that merely mentions
them spreads them out. So the relevance is the largest share of the question's weight (IDF over the
candidates) inside one window. Short passages are one window already, and there this says what the sparse
leg says, only worse (measured on statutes of 100 characters): so it counts from two windows on.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from statistics import median

from apps.rag.rerankers.exact import may_hold, quoted, references
from apps.rag.sparse import CJK, fold, query_terms, stem

MAX_TEXTS = 100
MAX_QUERY_TERMS = 128
WINDOW = 120  # characters: a long Chinese sentence, a short English one
Spots = list[tuple[int, int]]
_FULL_LENGTH = 370  # from this median length of the candidates on the window counts fully

_IS_CJK = re.compile(rf"[{CJK}]+\Z")

cached_fold = lru_cache(maxsize=2048)(fold)  # passages of popular documents come again


class LexicalReranker:
    """Reranker. `blend` is its share beside the fused score: it refines an order, it does not make one."""

    name = "lexical"

    def __init__(self, *, blend: float = 0.375) -> None:
        if not 0 <= blend <= 1:
            raise ValueError(f"A blend is a share in 0-1, got {blend}.")
        self.blend = blend

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Relevances in 0–1, in order."""
        if len(texts) > MAX_TEXTS:
            raise ValueError(f"At most {MAX_TEXTS} texts a call, got {len(texts)}.")
        if not texts:
            return []
        excess = (median(map(len, texts)) - 2 * WINDOW) / (_FULL_LENGTH - 2 * WINDOW)
        gate = min(1.0, max(0.0, excess))
        return [gate * share for share in window_shares(fold(query), [cached_fold(text) for text in texts])]


def exact_share(question: str, folded: Sequence[str]) -> list[float] | None:
    """The share of the question's references in each text; None for a question without any."""
    wanted = references(question)
    names = quoted(question)
    if not wanted and not names:
        return None
    total = len(wanted) + len(names)
    return [(len(_held(wanted, text)) + sum(name in text for name in names)) / total for text in folded]


def _held(wanted: frozenset[str], text: str) -> frozenset[str]:
    """Which of the references a text holds. Reading all that it refers to is left out where it cannot hold any."""
    return wanted & references(text) if any(may_hold(text, one) for one in wanted) else frozenset()


def window_shares(question: str, folded: Sequence[str]) -> list[float]:
    """The best share of the question's weight within one window of each text, 0–1."""
    wanted = wanted_terms(question)
    spotted = spots_in(wanted, folded)
    # A term that no candidate holds cannot tell them apart.
    weights = [weight if held else 0.0 for weight, held in rarity(len(wanted), spotted)]
    total = sum(weights)
    return [best_window(spots, weights) / total if total else 0.0 for spots in spotted]


@lru_cache(maxsize=1024)
def wanted_terms(question: str) -> tuple[str, ...]:
    """The words and bigrams of a folded question, each once, in its order. Characters are part of their
    bigrams; alone they count only where the question has no bigram. References are matched apart."""
    spelled = references(question)
    terms = [term for term in dict.fromkeys(query_terms(question)) if term not in spelled]
    return tuple([term for term in terms if len(term) > 1 or not _IS_CJK.match(term)] or terms)[
        :MAX_QUERY_TERMS
    ]


def spots_in(wanted: Sequence[str], folded: Sequence[str]) -> list[Spots]:
    """For each text the places of the wanted terms: (position, number of the term), ascending."""
    pairs = [(number, term) for number, term in enumerate(wanted) if _IS_CJK.match(term)]
    stems = {term: number for number, term in enumerate(wanted) if not _IS_CJK.match(term)}
    pattern = _candidates(tuple(stems)) if stems else None
    return [_spots(pairs, stems, pattern, text) if text else [] for text in folded]


@lru_cache(maxsize=256)
def _candidates(stems: tuple[str, ...]) -> re.Pattern[str]:
    """Words that may have one of the stems: stemming each word of each passage costs three times as much.
    A stem is a prefix of its words, but for the last letter (policies, polici; policy)."""
    prefixes = {stem[:-1] if len(stem) > 3 and stem[-1] in "iey" else stem for stem in stems}
    return re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(prefixes, reverse=True))) + r")[^\W_]*")


def _spots(
    pairs: list[tuple[int, str]], stems: dict[str, int], pattern: re.Pattern[str] | None, text: str
) -> Spots:
    spots: Spots = []
    for number, pair in pairs:
        at = text.find(pair)
        while at >= 0:
            spots.append((at, number))
            at = text.find(pair, at + 1)
    if pattern is not None:
        for match in pattern.finditer(text):
            found = stems.get(stem(match.group()))
            if found is not None:
                spots.append((match.start(), found))
    spots.sort()
    return spots


def rarity(count: int, spotted: Sequence[Spots]) -> list[tuple[float, int]]:
    """For each term its IDF over the candidates, and how many of them hold it."""
    holding = [0] * count
    for spots in spotted:
        for number in {number for _, number in spots}:
            holding[number] += 1
    return [(idf(n, len(spotted)), n) for n in holding]


def idf(holding: int, size: int) -> float:
    """The weight of a term that `holding` of `size` passages hold."""
    return math.log(1 + (size - holding + 0.5) / (holding + 0.5))


def best_window(spots: Spots, weights: Sequence[float]) -> float:
    """The most weight of distinct terms within WINDOW characters."""
    held = [0] * len(weights)
    best = inside = 0.0
    start = 0
    for position, number in spots:
        while spots[start][0] < position - WINDOW:
            left = spots[start][1]
            held[left] -= 1
            if not held[left]:
                inside -= weights[left]
            start += 1
        if not held[number]:
            inside += weights[number]
            best = max(best, inside)
        held[number] += 1
    return best
