"""The reranker without a model of language: a line through the features, learned from answered questions.

It reads whole candidates and not their texts alone, since the standing in each leg, the title and the headings say
much. Among rules of the state another line counts: they are short, much alike, and of different rank. Given only texts (the /v1/rerank endpoint) it does what LexicalReranker does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.rag.rerankers.features import NAMES, Candidate, Judgement, measure
from apps.rag.rerankers.lexical import MAX_TEXTS, LexicalReranker
from apps.rag.rerankers.weights import Weights, weights

RULES = NAMES.index("rules")
SPREAD = 6.0  # heights apart at which a candidate stands at 1/e of the best: about as far as fused scores lie


class LearnedReranker(LexicalReranker):
    """Reranker with `judge`. It decides the order alone: the fused score is one of its features."""

    name = "learned"

    def __init__(self, *, learned: Weights | None = None) -> None:
        super().__init__(blend=1.0)
        chosen = learned or weights()
        self._lines = {
            False: (np.array([chosen.rank.get(name, 0.0) for name in NAMES]), chosen.bias),
            True: (np.array([chosen.rules.get(name, 0.0) for name in NAMES]), chosen.rules_bias),
        }

    def judge(self, query: str, candidates: Sequence[Candidate]) -> list[Judgement]:
        """A judgement for each candidate, in order. Raises ValueError for more than MAX_TEXTS."""
        if len(candidates) > MAX_TEXTS:
            raise ValueError(f"At most {MAX_TEXTS} candidates a call, got {len(candidates)}.")
        if not candidates:
            return []
        found = measure(query, candidates)
        line, bias = self._lines[bool(found.rows[0, RULES])]
        heights = found.rows @ line + bias
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
