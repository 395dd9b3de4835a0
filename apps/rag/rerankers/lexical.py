"""The reranker without weights: how much of the question stands close together in a passage.

A passage that answers holds the question's rare terms within one sentence; one that merely mentions
them spreads them out. So the relevance is the largest share of the question's weight (IDF over the
candidates) inside one window. Short passages are one window already, and there this says what the sparse
leg says, only worse (measured on statutes of 100 characters): so it counts from two windows on.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from statistics import median

from apps.rag.rerankers.exact import named_in, quoted, references
from apps.rag.sparse import CJK, fold, query_terms, stem

MAX_TEXTS = 100
MAX_QUERY_TERMS = 128
WINDOW = 120  # characters: a long Chinese sentence, a short English one
Spots = list[tuple[int, int]]
_FULL_LENGTH = 370  # from this median length of the candidates on the window counts fully

_IS_CJK = re.compile(rf"[{CJK}]+\Z")
_REST = re.compile(r"[^\W_]*")

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
    return [(len(named_in(text, wanted)) + sum(name in text for name in names)) / total for text in folded]


def window_shares(question: str, folded: Sequence[str]) -> list[float]:
    """The best share of the question's weight within one window of each text, 0–1."""
    wanted = wanted_terms(question)
    spotted = spots_in(wanted, folded)
    # A term that no candidate holds cannot tell them apart.
    held = [{number for _, number in spots} for spots in spotted]
    weights = [weight if holding else 0.0 for weight, holding in rarity(len(wanted), held)]
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
    beginnings = {_beginning(stem) for stem in stems}
    return [sorted(_pair_spots(pairs, text) + _word_spots(stems, beginnings, text)) for text in folded]


def _beginning(stem: str) -> str:
    """What all words of a stem begin with: the stem, but for its last letter (policies, polici; policy)."""
    return stem[:-1] if len(stem) > 3 and stem[-1] in "iey" else stem


def _pair_spots(pairs: Sequence[tuple[int, str]], text: str) -> Spots:
    spots: Spots = []
    for number, pair in pairs:
        at = text.find(pair)
        while at >= 0:
            spots.append((at, number))
            at = text.find(pair, at + 1)
    return spots


def _word_spots(stems: Mapping[str, int], beginnings: Collection[str], text: str) -> Spots:
    """Only words that begin like one of the stems are stemmed; a joined one (3.14) is not read again in its parts."""
    spots: Spots = []
    end = 0
    for start, stop in sorted(_words(beginnings, text)):
        if start >= end:
            end = -stop
            number = stems.get(stem(text[start:end]))
            if number is not None:
                spots.append((start, number))
    return spots


def _words(beginnings: Collection[str], text: str) -> list[tuple[int, int]]:
    """Where a word begins so, and where it ends, negative: of several at one place the longest sorts first."""
    found = []
    for beginning in beginnings:
        at = text.find(beginning)
        while at >= 0:
            before = text[at - 1] if at else " "
            if not (before.isalnum() or before == "_"):
                rest = _REST.match(text, at + len(beginning))
                found.append((at, -rest.end() if rest else 0))
            at = text.find(beginning, at + 1)
    return found


def rarity(count: int, held: Sequence[Collection[int]]) -> list[tuple[float, int]]:
    """For each term its IDF over the candidates, and how many of them hold it. `held`: the terms of each."""
    holding = Counter([number for numbers in held for number in numbers])
    return [(idf(holding[number], len(held)), holding[number]) for number in range(count)]


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
