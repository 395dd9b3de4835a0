"""Does a passage say what a sentence says, in other words or in another language? By a model that compares them.

It is asked only where words do not settle a claim, and can mend no missing figure, date, name or document number.
Scores of models mean different things: each is measured once on data/meaning.json, claims that a passage holds, claims
on its subject that it does not hold, and claims on other subjects, in Chinese, in English and across both. From that come
the bounds. Most embedders tell subjects apart and not what is said of them: such a one lifts a claim to "in part" at most.
In a language in which a model cannot even do that, it is not asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path
from time import monotonic
from typing import Literal, Protocol

from apps.rag.interfaces import Embedder, Reranker
from apps.rag.languages import detect
from apps.rag.sentences import containment, grams, sentences

Verdict = Literal["supported", "partial", "unsupported"]
WINDOW = 240  # characters of a passage that are read at once, in whole sentences
LONGEST_WINDOW = 1000  # a single sentence may be longer
MOST_WINDOWS = 4  # that a claim is compared with
MOST_COMPARED = 48  # claims times windows of one answer
SLICE = 8  # texts that an embedder is given at once, so that searches find their turn
WRONG = 0.1  # of the claims that a passage does not hold may pass for held
LEAST_FOUND = 0.4  # of the claims that it holds must then be found, or the model is not believed
CROSS = "cross"
_PAIRS = Path(__file__).parent / "data/meaning.json"


class Comparer(Protocol):
    name: str

    def reads(self, language: str) -> bool:
        """Whether it may be asked in zh, en or CROSS."""

    def compare(self, claim: str, texts: Sequence[str]) -> list[float]:
        """How much each text says what the claim says, higher for more. Raises RagError."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """From `says` on a text says what a claim says (infinite where the model cannot tell), from `subject` on it is
    about the same, below `low` it is not."""

    says: float
    subject: float
    low: float


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim, the passage on its subject, whether this holds it, and passages on other subjects."""

    claim: str
    passage: str
    holds: bool
    elsewhere: tuple[str, ...]


class RerankerComparer:
    """By a reranker that reads claim and text together."""

    def __init__(self, reranker: Reranker) -> None:
        self.name = f"reranker:{reranker.name}"
        self._reranker = reranker

    def reads(self, language: str) -> bool:
        return True  # measuring tells

    def compare(self, claim: str, texts: Sequence[str]) -> list[float]:
        return self._reranker.rerank(claim, texts)


class EmbedderComparer:
    """By the angle between the vectors of claim and text; those of an answer are kept."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = f"embedder:{embedder.name}"
        self._embedder = embedder
        self._known: dict[str, list[float]] = {}

    def reads(self, language: str) -> bool:
        wanted = {"zh", "en"} if language == CROSS else {language}
        return "*" in self._embedder.languages or wanted <= self._embedder.languages

    def compare(self, claim: str, texts: Sequence[str]) -> list[float]:
        new = [text for text in dict.fromkeys([claim, *texts]) if text not in self._known]
        for start in range(0, len(new), SLICE):
            part = new[start : start + SLICE]
            self._known |= zip(part, self._embedder.embed_documents(part), strict=True)
        mine = self._known[claim]
        return [sum(a * b for a, b in zip(mine, self._known[text], strict=True)) for text in texts]


def measured(comparer: Comparer) -> dict[str, Bounds]:
    """The bounds of a model by language, without those in which it is of no use. Raises RagError."""
    found: dict[str, Bounds] = {}
    for language in ("zh", "en", CROSS):
        if not comparer.reads(language):
            continue
        held: list[float] = []
        near: list[float] = []
        far: list[float] = []
        for pair in pairs(language):
            own, *others = comparer.compare(pair.claim, [pair.passage, *pair.elsewhere])
            (held if pair.holds else near).append(own)
            far += others if pair.holds else []
        bounds = bounds_of(held, near, far)
        if bounds is not None:
            found[language] = bounds
    return found


@cache
def measured_on() -> str:
    """Which pairs: others make other bounds."""
    return hashlib.sha256(_PAIRS.read_bytes()).hexdigest()[:12]


def bounds_of(held: Sequence[float], near: Sequence[float], far: Sequence[float]) -> Bounds | None:
    """Bounds from the scores of claims that a passage holds, of others on its subject, and of claims on other
    subjects; None where the first and the last lie too much among each other."""
    subject = _bound(held, far)
    if subject is None:
        return None
    says = _bound(held, near)
    low = sorted(held)[int(WRONG * len(held))]
    return Bounds(inf if says is None else max(says, subject), subject, min(low, subject))


def _bound(held: Sequence[float], others: Sequence[float]) -> float | None:
    """Above all but a few of the others, in the middle of the gap; None where few that hold lie above it."""
    if not held or not others:
        return None
    ranked = sorted(others)
    most = ranked[-1] if min(held) > ranked[-1] else ranked[len(ranked) - 1 - int(WRONG * len(ranked))]
    above = [score for score in (*held, *others) if score > most]
    if sum(score > most for score in held) < LEAST_FOUND * len(held):
        return None
    return (most + min(above)) / 2


@cache
def pairs(language: str) -> tuple[Pair, ...]:
    rows = [row for row in json.loads(_PAIRS.read_text(encoding="utf-8")) if row["language"] == language]
    return tuple(
        Pair(claim, row["passage"], holds, (rows[place - 1]["passage"],))
        for place, row in enumerate(rows)
        for holds, claims in ((True, row["says"]), (False, row["not"]))
        for claim in claims
    )


class Meaning:
    """One answer's comparisons: a bounded number, until a time. A verdict is None where it cannot tell."""

    def __init__(self, comparer: Comparer, bounds: Mapping[str, Bounds], *, seconds: float) -> None:
        self._comparer = comparer
        self._bounds = bounds
        self._until = monotonic() + seconds
        self._left = MOST_COMPARED

    def verdict(self, claim: str, passages: Sequence[str]) -> Verdict | None:
        """What the best of the passages makes of a claim. Raises RagError."""
        texts, kind = _comparable(claim, passages)
        texts = texts[: min(MOST_WINDOWS, self._left)]
        bounds = self._bounds.get(kind)
        if bounds is None or not texts or monotonic() > self._until:
            return None
        self._left -= len(texts)
        best = max(self._comparer.compare(claim, texts))
        if best >= bounds.subject:
            return "supported" if best >= bounds.says else "partial"
        return "unsupported" if best < bounds.low else None


def _comparable(claim: str, passages: Sequence[str]) -> tuple[list[str], str]:
    """The windows to compare with, best first, and the language they are compared in: of their own language where
    there are such."""
    language, found = detect(claim), windows(claim, passages)
    own = [text for text in found if detect(text) == language]
    if own:
        return own, language
    return [text for text in found if {detect(text), language} == {"zh", "en"}], CROSS


def windows(claim: str, passages: Sequence[str]) -> list[str]:
    """Parts of the passages in whole sentences, those that share most words with the claim first."""
    terms = grams(claim)
    found = dict.fromkeys(part for passage in passages for part in _parts(passage))
    return sorted(found, key=lambda text: -containment(terms, grams(text)))


def _parts(passage: str) -> Iterator[str]:
    """Neighbours overlap by half, so that what two sentences say together stands in one of them."""
    spans, first = sentences(passage), 0
    while first < len(spans):
        last = first
        while last + 1 < len(spans) and spans[last + 1].end - spans[first].start <= WINDOW:
            last += 1
        yield passage[spans[first].start : spans[last].end][:LONGEST_WINDOW]
        if last + 1 == len(spans):
            return
        first += max(1, (last - first + 1) // 2)
