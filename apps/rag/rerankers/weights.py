"""What benchmarks/train_reranker.py learned, read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PATH = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class Weights:
    """`rank` by feature name, added to `bias` and squeezed to a relevance; `rules` and `rules_bias` in their place
    among rules of the state; `answer` and `answer_bias` likewise for whether a question is answered at all, which is
    said from `threshold` on."""

    rank: Mapping[str, float]
    bias: float
    rules: Mapping[str, float]
    rules_bias: float
    answer: Mapping[str, float]
    answer_bias: float
    threshold: float


@lru_cache(maxsize=1)
def weights() -> Weights:
    """The shipped coefficients."""
    return read(PATH)


def read(path: Path) -> Weights:
    """Raises ValueError or KeyError for a file that the training command did not write."""
    data = json.loads(path.read_text(encoding="utf-8"))
    rank, rules, answer = data["rank"], data["rules"], data["answer"]
    return Weights(
        dict(rank["weights"]),
        float(rank["bias"]),
        dict(rules["weights"]),
        float(rules["bias"]),
        dict(answer["weights"]),
        float(answer["bias"]),
        float(answer["threshold"]),
    )
