"""From texts to a model's files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from apps.office.proofreading.statistics import seed
from apps.office.proofreading.statistics.counting import Vocabulary, characters_of, sentence_symbols
from apps.office.proofreading.statistics.model import train


def build(texts: Sequence[str], folder: Path) -> str:
    """Train over the seed and write the files into `folder`. Returns the fingerprint."""
    words = seed.weights()
    vocabulary = Vocabulary(characters_of([*texts, *words]))
    return train([sentence_symbols(text, vocabulary) for text in texts], vocabulary, seed=words).save(folder)
