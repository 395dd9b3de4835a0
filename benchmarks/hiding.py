"""Questions whose words are not those of the text: what a word-for-word search cannot find, and a search by meaning can.

Each word of a question that stands in a right passage is hidden from the words' side with a given chance; the dense
leg still gets the whole question, as if it had been asked in other words. A hidden word is left out, or another one,
which no passage holds or which belongs to another question, stands in its place.
"""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterable

from apps.rag.evaluation import QuestionSet
from apps.rag.sparse import fold, stem

WAYS = ("left out", "left out", "unknown", "another")  # as often as each is drawn
LEVELS = (0.3, 0.6, 0.9)
_WORD = re.compile(r"[^\W_]+")


def hidden(questions: QuestionSet, share: float, *, keys: Iterable[str] | None = None) -> dict[str, str]:
    """These questions, or all, as the words' side gets them; the same in every run."""
    others = [word for text in questions.questions.values() for word in text.split() if len(word) > 3]
    return {
        key: _hidden(
            questions.questions[key],
            _stems(questions, key),
            share,
            others,
            random.Random(zlib.crc32(f"{key} {share}".encode())),
        )
        for key in (questions.questions if keys is None else keys)
    }


def level_of(key: str) -> float:
    """The share of words that is hidden from a question in training, besides being asked as it is."""
    return LEVELS[zlib.crc32(f"level {key}".encode()) % len(LEVELS)]


def _stems(questions: QuestionSet, key: str) -> frozenset[str]:
    right = (questions.passages[name].embedding_text for name in questions.relevant[key])
    return frozenset(stem(word) for text in right for word in _WORD.findall(fold(text)))


def _hidden(text: str, known: frozenset[str], share: float, others: list[str], chance: random.Random) -> str:
    way = chance.choice(WAYS)
    kept = []
    for word in text.split():
        told = any(stem(part) in known for part in _WORD.findall(fold(word)))
        if not told or chance.random() >= share:
            kept.append(word)
        elif way != "left out":
            kept.append(f"qz{fold(word)}" if way == "unknown" else chance.choice(others))
    return " ".join(kept) if len(kept) > 1 else f"{text.split()[0]} what"
