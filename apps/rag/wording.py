"""Everyday words and the official ones that documents use for them: 老公 → 配偶, 辞退 → 解除劳动合同, fired → dismissal.

A question in a layperson's words shares few terms with the rule that answers it. data/wording.json holds what
people say beside what rules write; the longest match counts, and an entry that means nothing else guards a longer
word from what its parts would say (公司法 is no 公司). Some tens of microseconds a question.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from apps.rag.sparse import CJK, fold, stem, terms

PATH = Path(__file__).with_name("data") / "wording.json"
MAX_WORDINGS = 12  # of a question: a longer one has enough words of its own
MAX_READ = 400  # characters
_HAN = re.compile(rf"[{CJK}]+")
_WORD = re.compile(r"[a-z]+(?:['’\-][a-z]+)*")

Script = Literal["han", "latin"]


@dataclass(frozen=True, slots=True)
class Wording:
    """`said` as the question spells it (folded; English words as stems), `meant` the official words for it."""

    said: str
    meant: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Official words by what is said, and the length of the longest entry in characters or words."""

    entries: Mapping[str, tuple[str, ...]]
    longest: int


def wordings(question: str) -> tuple[Wording, ...]:
    """What a folded question says in everyday words, each once: Chinese before English, else in its order."""
    found: dict[str, Wording] = {}
    for said, meant in _said(question[:MAX_READ]):
        if meant:
            found.setdefault(said, Wording(said, meant))
        if len(found) == MAX_WORDINGS:
            break
    return tuple(found.values())


def _said(question: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for run in _HAN.findall(question):
        yield from _matches(run, lexicon("han"), glue="")
    stems = [stem(word) for word in _WORD.findall(question)]
    if stems:
        yield from _matches(stems, lexicon("latin"), glue=" ")


def _matches(parts: Sequence[str], known: Lexicon, *, glue: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The longest entries from left to right, none within another."""
    at = 0
    while at < len(parts):
        size = min(known.longest, len(parts) - at)
        while size and (said := glue.join(parts[at : at + size])) not in known.entries:
            size -= 1
        if size:
            yield said, known.entries[said]
        at += max(1, size)


@lru_cache(maxsize=4096)
def meant_terms(meant: tuple[str, ...]) -> tuple[str, ...]:
    """Official words as the index knows them: bigrams and stems, no single characters."""
    found = dict.fromkeys(term for words in meant for term in terms(fold(words)))
    return tuple(term for term in found if len(term) > 1)


@lru_cache(maxsize=2)
def lexicon(script: Script) -> Lexicon:
    """The shipped one, read once: a millisecond, and for English the stemmer."""
    return read(PATH, script=script)


def read(path: Path, *, script: Script) -> Lexicon:
    """Raises ValueError or KeyError for a file of another shape: {"han": [[[said, …], [meant, …]], …], "latin": …}.

    What several entries say of one word adds up."""
    entries: dict[str, tuple[str, ...]] = {}
    longest = 0
    for said, meant in json.loads(path.read_text(encoding="utf-8"))[script]:
        for words in said:
            parts = [*fold(words)] if script == "han" else [stem(word) for word in _WORD.findall(fold(words))]
            key = ("" if script == "han" else " ").join(parts)
            entries[key] = tuple(dict.fromkeys((*entries.get(key, ()), *meant)))
            longest = max(longest, len(parts))
    return Lexicon(entries, longest)
