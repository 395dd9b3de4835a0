"""Stands in for `unstructured.nlp.tokenize`.

The original imports spaCy (and with it, where installed, torch: 3 s and 100 MB), then downloads an
English model on first use. It only serves to guess whether a line is a title or prose, a guess
that is wrong for Chinese and that we do not use; so these rules suffice, and nothing is fetched.
"""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"(?<=[。！？!?])|(?<=\.)\s+")
_WORD = re.compile(r"\w+|[^\w\s]")


def sent_tokenize(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text) if sentence and sentence.strip()]


def word_tokenize(text: str) -> list[str]:
    return _WORD.findall(text)


def pos_tag(text: str) -> list[tuple[str, str]]:
    """No parts of speech are told: every word is an unknown one."""
    return [(word, "X") for word in word_tokenize(text)]
