"""An explanation as JSON and for pages: plain values, ids as they are, times as ISO dates by the serialiser."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from apps.rag.explanation import Explanation


def explained(told: Explanation) -> dict[str, Any]:
    """The shape that /api/v1/search gives under `explanation`: language, terms, facets, legs {name: {weight, asked,
    found}}, reranker, blend, passages [{rank, dropped_by, like, legs, fused, rerank, exact, boost, features, …}] in
    the final order, dropped {by whom: how many}."""
    return asdict(told)
