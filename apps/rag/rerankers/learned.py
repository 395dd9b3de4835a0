"""The reranker without a model of language: lines through the features, learned from answered questions.

It reads whole candidates and not their texts alone, since the standing in each leg, the title and the headings say
much. Which line counts is a matter of the question. Where the dense leg was asked there are two, mixed by how far the
words can be trusted (fusion.py): "told" and "doubted". Where it was not, "words". Among rules of the state, which are
short, much alike, and of different rank, "rules". Given only texts (the /v1/rerank endpoint) it does what
LexicalReranker does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.rag.rerankers.features import NAMES, Candidate, Judgement, Matrix, measure
from apps.rag.rerankers.lexical import MAX_TEXTS, LexicalReranker
from apps.rag.rerankers.weights import Weights, weights

RULES, DENSE, TRUST = (NAMES.index(name) for name in ("rules", "dense", "trust"))
SPREAD = 6.0  # heights apart at which a candidate stands at 1/e of the best: about as far as fused scores lie


class LearnedReranker(LexicalReranker):
    """Reranker with `judge`. It decides the order alone: the fused score is one of its features."""

    name = "learned"

    def __init__(self, *, learned: Weights | None = None) -> None:
        super().__init__(blend=1.0)
        chosen = learned or weights()
        self._lines = {
            name: np.array([*(line.get(feature, 0.0) for feature in NAMES), line[""]])
            for name, line in chosen.lines.items()
        }

    def judge(self, query: str, candidates: Sequence[Candidate]) -> list[Judgement]:
        """A judgement for each candidate, in order. Raises ValueError for more than MAX_TEXTS."""
        if len(candidates) > MAX_TEXTS:
            raise ValueError(f"At most {MAX_TEXTS} candidates a call, got {len(candidates)}.")
        if not candidates:
            return []
        found = measure(query, candidates)
        line = self._line(found.rows)
        heights = found.rows @ line[:-1] + line[-1]
        scores = 1 / (1 + np.exp(-np.clip(heights, -30, 30)))
        standings = np.exp((heights - heights.max()) / SPREAD)
        return [
            Judgement(score, standing, dict(zip(NAMES, row, strict=True)), covered, together)
            for score, standing, row, covered, together in zip(
                scores.tolist(),
                standings.tolist(),
                found.rows.tolist(),
                found.covered,
                found.together,
                strict=True,
            )
        ]

    def _line(self, rows: Matrix) -> Matrix:
        """The weights for these candidates, the bias last."""
        if rows[0, RULES]:
            return self._lines["rules"]
        if not rows[:, DENSE].any():
            return self._lines["words"]
        trust = rows[0, TRUST]
        mixed: Matrix = trust * self._lines["told"] + (1 - trust) * self._lines["doubted"]
        return mixed
