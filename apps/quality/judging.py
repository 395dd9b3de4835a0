"""When a golden question counts as answered: plain rules on texts and names, no database."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from apps.rag.checks import says_not_found
from apps.rag.types import ScoredChunk


def folded(text: str) -> str:
    """For comparing: width and case evened out, white space gone."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def digest(question: str) -> str:
    return hashlib.sha256(folded(question).encode()).hexdigest()


def rank_of(passages: Sequence[ScoredChunk], *, expected: Collection[UUID], passage: str = "") -> int | None:
    """The place, from 1, of the first passage of an expected document that holds the expected text."""
    wanted = folded(passage)
    for place, found in enumerate(passages, start=1):
        if found.chunk.document_id in expected and wanted in folded(found.chunk.text):
            return place
    return None


def holds_words(text: str, words: Iterable[str]) -> bool:
    within = folded(text)
    return all(folded(word) in within for word in words)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`cited`: of an answerable question that a right document is cited, of another that nothing is, or the answer says
    plainly that it was not found, and shows what comes closest."""

    rank: int | None
    cited: bool
    passed: bool


def judge(
    *,
    passages: Sequence[ScoredChunk],
    cited: Collection[UUID],
    answer: str,
    expected: Collection[UUID],
    passage: str,
    words: Sequence[str],
    unanswerable: bool,
) -> Outcome:
    """`cited` are the documents that the answer cites. Passed: found, cited, and the words are in the
    answer; of an unanswerable question: it is refused."""
    if unanswerable:
        refused = not cited or says_not_found(answer)
        return Outcome(None, refused, refused)
    rank = rank_of(passages, expected=expected, passage=passage)
    right = bool(set(cited) & set(expected))
    return Outcome(rank, right, rank is not None and right and holds_words(answer, words))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted of one question."""

    rank: int | None
    cited: bool
    passed: bool
    unanswerable: bool
    milliseconds: int


def totals(asked: Sequence[Asked]) -> dict[str, float]:
    """Counts and means of a run. `found`, `first` and `mrr` are of the answerable questions, `refused` of the
    others; `milliseconds` is the median."""
    answerable = [one for one in asked if not one.unanswerable]
    ranks = [one.rank for one in answerable if one.rank is not None]
    others = [one for one in asked if one.unanswerable]
    return {
        "questions": len(asked),
        "passed": sum(one.passed for one in asked),
        "answerable": len(answerable),
        "found": len(ranks),
        "first": ranks.count(1),
        "mrr": round(sum(1 / rank for rank in ranks) / len(answerable), 4) if answerable else 0.0,
        "cited": sum(one.cited for one in answerable),
        "unanswerable": len(others),
        "refused": sum(one.passed for one in others),
        "milliseconds": round(median(one.milliseconds for one in asked)) if asked else 0,
    }
