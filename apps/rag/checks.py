"""Does each sentence of an answer stand in the passages that it cites?

Figures, dates and document numbers must occur there, however they are written, names as they are, and
enough of the words. That finds made-up figures and citations of the wrong passage. Where only words are missing, a model
that compares meanings is asked if there is one (meaning.py): it knows paraphrases, and other languages. Neither
understands negation, so `unsupported` means "read the source", not "wrong".
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from apps.rag.citations import Mark, normalise, split_marks, strip_marks
from apps.rag.errors import RagError
from apps.rag.figures import Figures, figures
from apps.rag.languages import detect
from apps.rag.meaning import Meaning, Verdict
from apps.rag.names import names
from apps.rag.sentences import containment, grams, sentences
from apps.rag.sparse import fold
from apps.rag.types import Source

logger = logging.getLogger(__name__)

MAX_SENTENCES = 200
ENOUGH = 0.55  # of a sentence's terms
SOME = 0.3
SURE = 0.85  # from here on words settle it alone
_SHORTEST = 4  # terms and figures; a shorter sentence claims nothing that could be checked
_NO_CLAIM = re.compile(
    r"没有找到|未找到|未提及|没有提到|未提供|没有提供|无法(?:回答|确定|判断)|没有相关|not (?:found|mentioned|specified|provided|stated)|no (?:information|mention)|cannot (?:answer|determine)|(?:do|does) not (?:mention|say|specify|contain)",
    re.I,
)
_NOT_FOUND = re.compile(
    r"^[\W_]*(?:很抱歉[，,]?|抱歉[，,]?|根据[^，。]{0,20}[，,])?(?:(?:提供的|现有|所给|上述|这些|检索到的)*(?:资料|文档|文件|来源)(?:里|中|内)?[^，。]{0,12})?(?:没有找到|未找到|没有(?:直接)?(?:提到|提及|说明|回答|相关)|未(?:提及|提到|说明))"
    r"|^[\W_]*(?:sorry,? |unfortunately,? )?(?:this was |it is |this is )?not found in the (?:documents|sources)|^[\W_]*(?:no direct answer|the (?:documents|sources) (?:provided )?do(?:es)? not)",
    re.I,
)
_LEAD_IN = re.compile(r"(?:[：:]|\?|？)$")
_MARKUP = re.compile(r"^(?:[-*+•]\s+|\d{1,2}[.)、]\s*|>\s*|#{1,6}\s+|\|)+|[*_`|]+")
_LEADING_MARKS = re.compile(r"((?:\[\d+\]\s*)+)(?=\S|$)")


@dataclass(frozen=True, slots=True)
class Check:
    """`sentence` is the answer's text without marks; `numbers` are the sources that it cites itself;
    `missing` are figures and names that no passage of these holds; `by` is what decided."""

    sentence: str
    verdict: Verdict
    numbers: tuple[int, ...]
    missing: tuple[str, ...] = ()
    by: Literal["words", "meaning"] = "words"


@dataclass(frozen=True, slots=True)
class _Evidence:
    folded: str
    terms: set[str]
    figures: Figures
    language: str


def check_answer(text: str, sources: Sequence[Source], *, meaning: Meaning | None = None) -> list[Check]:
    """One Check a claim, in order, at most MAX_SENTENCES. Headings, questions, lead-ins and "not found"
    claim nothing and are left out. A sentence without a mark is held against what the next mark of
    its paragraph cites, else against every source. A fault of `meaning` leaves the rest to words."""
    known = {source.number: source for source in sources}
    evidence: dict[int, _Evidence] = {}  # built for those that are cited
    checks: list[Check] = []
    for sentence, numbers, basis in _claims(text, frozenset(known)):
        if len(checks) == MAX_SENTENCES:
            break
        held = basis or tuple(known)
        evidence |= {number: _evidence(known[number]) for number in held if number not in evidence}
        check, settled = _check(sentence, numbers, [evidence[number] for number in held])
        if check is None:
            continue
        if meaning is not None and not settled:
            try:
                check = _by_meaning(check, meaning.verdict(sentence, [known[number].text for number in held]))
            except RagError as error:
                logger.warning("the sentences of an answer are checked by their words alone: %s", error)
                meaning = None
        checks.append(check)
    return checks


def _by_meaning(check: Check, verdict: Verdict | None) -> Check:
    """Words that are there are worth something: a meaning that is not makes them "in part"."""
    if check.verdict == "supported":
        verdict = "partial" if verdict == "unsupported" else None
    return check if verdict in (None, check.verdict) else replace(check, verdict=verdict, by="meaning")


def says_not_found(text: str) -> bool:
    """Whether an answer begins by saying that the documents do not tell."""
    return bool(_NOT_FOUND.search(strip_marks(text[:400]).lstrip()))


def _check(
    sentence: str, numbers: tuple[int, ...], evidence: Sequence[_Evidence]
) -> tuple[Check | None, bool]:
    """By words, and whether these settle it."""
    claimed, terms = figures(sentence), grams(sentence)
    if _NO_CLAIM.search(sentence) or len(terms) + 2 * len(claimed) < _SHORTEST:
        return None, True
    held = set().union(*(item.terms for item in evidence))
    missing = (
        set.intersection(*(claimed.missing_from(item.figures) for item in evidence))
        if evidence
        else set(claimed.numbers)
    )
    overlap = containment(terms, held)
    foreign = (
        bool(evidence)
        and all(item.language != detect(sentence) for item in evidence)
        and detect(sentence) in {"zh", "en"}
    )
    named = set() if foreign else names(sentence)  # another language spells them otherwise
    missing |= {name for name in named if not any(name in item.folded for item in evidence)}
    verdict = _verdict(overlap, claimed=len(claimed) + len(named), missing=len(missing), foreign=foreign)
    settled = bool(missing) or overlap >= SURE or (foreign and verdict == "supported")
    return Check(sentence, verdict, numbers, tuple(sorted(missing))), settled


def _verdict(overlap: float, *, claimed: int, missing: int, foreign: bool) -> Verdict:
    """`foreign`: claim and passages are in different languages, so that only figures can be compared."""
    if missing:
        return "unsupported" if 2 * missing >= claimed or overlap < SOME else "partial"
    if foreign:
        return "supported" if claimed else "partial"
    if overlap >= ENOUGH:
        return "supported"
    return "partial" if overlap >= SOME else "unsupported"


def _claims(text: str, allowed: frozenset[int]) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    """(sentence, its own numbers, the numbers to hold it against) of every sentence."""
    claims: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = []
    for line in normalise(text, allowed).splitlines():
        if not line.strip() or line.lstrip().startswith(("#", "```")):
            continue
        following: tuple[int, ...] = ()
        found = []
        for marked in reversed(_with_their_marks(line)):
            parts = split_marks(marked, allowed)
            numbers = tuple(
                dict.fromkeys(n for part in parts if isinstance(part, Mark) for n in part.numbers)
            )
            following = numbers or following
            sentence = _MARKUP.sub("", "".join(part for part in parts if isinstance(part, str))).strip()
            if sentence and not (_LEAD_IN.search(sentence) and not numbers):
                found.append((sentence, numbers, following))
        claims += reversed(found)
    return claims


def _with_their_marks(line: str) -> list[str]:
    """The sentences of a line; marks that follow a full stop belong to the sentence before it."""
    kept: list[str] = []
    for span in sentences(line):
        leading = _LEADING_MARKS.match(span.text)
        if leading and kept:
            kept[-1] += leading[1].strip()
            rest = span.text[leading.end() :].strip()
            if rest:
                kept.append(rest)
        else:
            kept.append(span.text)
    return kept


def _evidence(source: Source) -> _Evidence:
    """What the model read: the passage with its surroundings."""
    chunk = source.passage.chunk
    text = replace(chunk, text=source.text).embedding_text
    return _evidence_of(text, chunk.language or detect(chunk.text))


@lru_cache(maxsize=512)  # the passages of popular documents are held against many answers
def _evidence_of(text: str, language: str) -> _Evidence:
    return _Evidence(fold(text), grams(text), figures(text, every_numeral=True), language)


def summary(checks: Sequence[Check]) -> Mapping[Verdict, int]:
    """How many sentences got each verdict."""
    verdicts: tuple[Verdict, ...] = ("supported", "partial", "unsupported")
    return {verdict: sum(check.verdict == verdict for check in checks) for verdict in verdicts}
