"""From what a search did to its explanation; only made where somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from apps.rag.explanation import Explanation, LegReport, PassageReport, Place
from apps.rag.gathering import Asked, Gathered
from apps.rag.interfaces import Reranker
from apps.rag.ranking import Ranked
from apps.rag.sparse import fold, query_terms


def explain(
    question: Asked, gathered: Gathered, ordered: Sequence[Ranked], *, limit: int, reranker: Reranker | None
) -> Explanation:
    """`ordered`: those that are shown first, at most `limit`, then those that were dropped."""
    places = _places(gathered)
    shown = sum(one.dropped_by is None for one in ordered[:limit])
    passages = tuple(_passage(one, place, places, shown=shown) for place, one in enumerate(ordered, start=1))
    dropped = dict.fromkeys(("duplicate", "document_cap", "limit"), 0)
    for one in passages:
        if one.dropped_by is not None:
            dropped[one.dropped_by] += 1
    return Explanation(
        language=question.language,
        terms=tuple(
            dict.fromkeys(
                [
                    *query_terms(fold(question.text)),
                    *question.facets.added_terms,
                    *question.facets.official_terms,
                ]
            )
        ),
        facets=question.facets,
        legs={
            name: LegReport(gathered.weights.get(name, 0.0), gathered.asked, len(hits))
            for name, hits in gathered.legs.items()
        },
        reranker=reranker.name if reranker is not None else "",
        blend=getattr(reranker, "blend", 1.0) if reranker is not None else 0.0,
        passages=passages,
        dropped={"database": gathered.unconfirmed, "candidates": gathered.beyond, **dropped},
    )


def _places(gathered: Gathered) -> dict[str, dict[UUID, Place]]:
    return {
        name: {hit.chunk_id: Place(rank, hit.score) for rank, hit in enumerate(hits, start=1)}
        for name, hits in gathered.legs.items()
    }


def _passage(
    one: Ranked, place: int, places: Mapping[str, Mapping[UUID, Place]], *, shown: int
) -> PassageReport:
    chunk, candidate = one.candidate.chunk, one.candidate
    return PassageReport(
        chunk_id=chunk.id,
        document_id=chunk.document_id,
        title=chunk.title,
        rank=place if place <= shown else None,
        score=one.score,
        legs={name: found[chunk.id] for name, found in places.items() if chunk.id in found},
        fused=Place(candidate.place + 1, candidate.fused),
        rerank=one.scores.get("rerank"),
        exact=one.scores.get("exact"),
        boost=one.boost,
        features=one.features,
        dropped_by=one.dropped_by,
        like=one.like,
    )
