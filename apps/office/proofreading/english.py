"""English spelling, by Hunspell's dictionary en_US. Only paragraphs without Chinese are read: in a Chinese
text Latin words are names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from apps.office.proofreading.rule_layer import finding_of
from apps.office.proofreading.spans import Spans, code_spans
from apps.office.proofreading.text import HAN, Draft
from apps.office.proofreading.types import Finding, Hit, Rule

SPELLING = Rule(
    id="E00", category="错别字", severity="error", type="misspelling",
    title={"zh": "英文拼写", "en": "Possible spelling mistake"},
    example={"wrong": "Please recieve the notice", "right": "Please receive the notice"},
)  # fmt: skip
_WORD = re.compile(r"(?<![\w@#/.-])[A-Za-z]+(?:['’][A-Za-z]+)?(?![\w@#/-]|\.\w)")
MOST_SUGGESTED = 60  # words a text; further ones are told without a suggestion
LEAST_WORDS = 3


def find(draft: Draft) -> Iterator[Finding]:
    spared = Spans(code_spans(draft.text))
    suggested = 0
    for start, end in draft.lines:
        line = draft.text[start:end]
        words = [] if HAN.search(line) else list(_WORD.finditer(line))
        if len(words) < LEAST_WORDS:
            continue
        for place, match in enumerate(words):
            word = match[0]
            at = start + match.start()
            first = place == 0 or line[: match.start()].rstrip().endswith((".", "!", "?", ":"))
            if spared.touch(at, at + len(word)) or not _suspicious(word, first=first) or _known(word):
                continue
            values = _similar(word) if suggested < MOST_SUGGESTED else ()
            suggested += 1
            sure = 0.85 if values else 0.5
            yield finding_of(
                draft, SPELLING, Hit(at, at + len(word), values), engine="dictionary", confidence=sure
            )


def _suspicious(word: str, *, first: bool) -> bool:
    """Short forms, names in the middle of a sentence and camel case are not spelt by a dictionary."""
    if len(word) < 3 or word.isupper() or any(char.isupper() for char in word[1:]):
        return False
    return first or not word[0].isupper()


@cache
def _dictionary() -> Any:
    from importlib.resources import files

    from spylls.hunspell import Dictionary

    return Dictionary.from_files(str(files("spylls.hunspell") / "data" / "en" / "en_US"))


@lru_cache(maxsize=20_000)
def _known(word: str) -> bool:
    plain = word.replace("’", "'")
    return bool(_dictionary().lookup(plain) or _dictionary().lookup(plain.removesuffix("'s")))


@cache
def _frequent() -> tuple[list[str], dict[str, int]]:
    """English words, the most frequent first, with their rank."""
    from wordfreq import top_n_list

    words = [word for word in top_n_list("en", 40_000) if word.isalpha() and len(word) > 2]
    return words, {word: rank for rank, word in enumerate(words)}


@lru_cache(maxsize=5_000)
def _similar(word: str) -> tuple[str, ...]:
    """Up to three known words that differ by one edit, or by two in a long word."""
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    words, rank = _frequent()
    lower = word.lower()
    most = 1 if len(word) < 6 else 2
    near = process.extract(lower, words, scorer=DamerauLevenshtein.distance, score_cutoff=most, limit=20)
    ranked = sorted(near, key=lambda found: (found[1], found[0][0] != lower[0], rank[found[0]]))
    spelt = [found[0] for found in ranked if _known(found[0])][:3]
    return tuple(one.capitalize() if word[0].isupper() else one for one in spelt)
