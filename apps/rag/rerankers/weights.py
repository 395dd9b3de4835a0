"""What benchmarks/train_reranker.py learned, read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

PATH = Path(__file__).with_name("weights.json")
Line = Literal["told", "doubted", "words", "rules"]
LINES: tuple[Line, ...] = ("told", "doubted", "words", "rules")


@dataclass(frozen=True, slots=True)
class Weights:
    """`lines` by the kind of question, each by feature name with the bias (`""`) that is added before it is squeezed
    to a relevance; `trust` and `trust_bias` for how far words can be trusted beside the dense leg; `answer` and
    `answer_bias` for whether a question is answered at all, which is said from `threshold` on."""

    lines: Mapping[Line, Mapping[str, float]]
    trust: Mapping[str, float]
    trust_bias: float
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
    trust, answer = data["trust"], data["answer"]
    return Weights(
        {name: {**data["lines"][name]["weights"], "": float(data["lines"][name]["bias"])} for name in LINES},
        dict(trust["weights"]),
        float(trust["bias"]),
        dict(answer["weights"]),
        float(answer["bias"]),
        float(answer["threshold"]),
    )
