"""How a search came to its answer: what was understood, what each leg said, who dropped what.

Passages that the database did not confirm are only counted: whoever asks may not even know of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from apps.rag.facets import Facets

DroppedBy = Literal["duplicate", "document_cap", "limit"]


@dataclass(frozen=True, slots=True)
class Place:
    """A rank counting from 1, and the score there in the leg's own measure."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class LegReport:
    """A leg's share in the fused order in 0–1, and how many hits it was asked for and gave."""

    weight: float
    asked: int
    found: int


@dataclass(frozen=True, slots=True)
class PassageReport:
    """A candidate that the database confirmed. `rank` is its place in the answer, None where it was dropped:
    `dropped_by` whom, and for a duplicate `like` which chunk. `features` are the reranker's, `boost` what
    the question's facets added."""

    chunk_id: UUID
    document_id: UUID
    title: str
    rank: int | None
    score: float
    legs: Mapping[str, Place] = field(default_factory=dict)
    fused: Place | None = None
    rerank: float | None = None
    exact: float | None = None
    boost: float = 0.0
    features: Mapping[str, float] = field(default_factory=dict)
    dropped_by: DroppedBy | None = None
    like: UUID | None = None


@dataclass(frozen=True, slots=True)
class Answerability:
    """`score` in 0–1: how surely the best passages answer; `answerable` the verdict at the calibrated `threshold`."""

    score: float
    threshold: float
    answerable: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """`terms` are what the sparse leg looked for. `dropped` counts by whom: database, candidates (beyond those
    that are reranked), duplicate, document_cap, limit. `passages` in the final order, then those dropped."""

    language: str
    terms: tuple[str, ...]
    facets: Facets
    legs: Mapping[str, LegReport]
    reranker: str
    blend: float
    passages: tuple[PassageReport, ...]
    dropped: Mapping[str, int]
