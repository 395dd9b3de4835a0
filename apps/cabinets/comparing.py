"""Questions with known answers, asked of an index: what a change of models makes better or worse.

settings.MODEL_QUESTIONS names functions that yield such questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from apps.accounts.models import User
from apps.cabinets.demo import golden
from apps.cabinets.models import Document
from apps.cabinets.selectors import passages_for_hits
from apps.core.database import release_connection
from apps.rag import components
from apps.rag.interfaces import Embedder, Reranker, VectorStore
from apps.rag.retrieval import RetrievalOptions, retrieve
from apps.rag.types import SearchScope

MOST_QUESTIONS = 300
CUTOFF = 10


@dataclass(frozen=True, slots=True)
class Question:
    """Answered by a passage of one of these documents."""

    text: str
    cabinet_id: UUID
    documents: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares of the questions whose document came first, or among the first ten; mean reciprocal rank."""

    questions: int
    first: float
    ten: float
    mrr: float

    def as_json(self) -> dict[str, float]:
        return {"questions": self.questions, "first": self.first, "ten": self.ten, "mrr": self.mrr}


def known_questions() -> list[Question]:
    """Each once, at most 300."""
    sources = (import_string(path)() for path in settings.MODEL_QUESTIONS)
    found: dict[str, Question] = {}
    for question in islice((question for source in sources for question in source), MOST_QUESTIONS):
        found.setdefault(question.text, question)
    return list(found.values())


def demo_questions() -> Iterator[Question]:
    """Those of the demo cabinet, while it is there with its files."""
    ready = Document.objects.filter(
        cabinet__options__kind="demo", cabinet__deleted_at=None, status=Document.Status.READY
    )
    found = {document.filename: document for document in ready[:500]}
    for entry in golden().questions:
        wanted = [
            found[name] for name in (path.rpartition("/")[2] for path in entry.documents) if name in found
        ]
        if wanted:
            yield Question(entry.question, wanted[0].cabinet_id, frozenset(one.pk for one in wanted))


def measure(
    questions: list[Question], *, store: VectorStore, embedder: Embedder, reranker: Reranker | None
) -> Measured | None:
    """None without questions, or without an administrator to ask them."""
    by = User.objects.filter(is_superuser=True, is_active=True).order_by("date_joined").first()
    if not questions or by is None:
        return None
    ranks = [_rank(one, by=by, store=store, embedder=embedder, reranker=reranker) for one in questions]
    count = len(ranks)
    return Measured(
        questions=count,
        first=round(sum(rank == 1 for rank in ranks) / count, 3),
        ten=round(sum(rank > 0 for rank in ranks) / count, 3),
        mrr=round(sum(1 / rank for rank in ranks if rank) / count, 3),
    )


def _rank(
    question: Question, *, by: User, store: VectorStore, embedder: Embedder, reranker: Reranker | None
) -> int:
    """Of the first passage from one of the documents; 0 where none is among the first ten."""
    result = retrieve(
        question.text,
        SearchScope(cabinet_ids=frozenset([question.cabinet_id])),
        store=store,
        embedder=embedder,
        sparse=components.sparse(),
        reranker=reranker,
        load=lambda hits: passages_for_hits(by, hits),
        options=RetrievalOptions(limit=CUTOFF),
    )
    release_connection()
    ranked = (passage.chunk.document_id for passage in result.passages)
    return next((rank for rank, document in enumerate(ranked, start=1) if document in question.documents), 0)
