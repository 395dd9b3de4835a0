"""The golden questions, for the comparison of two models (settings.MODEL_QUESTIONS)."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cabinets.comparing import Question
from apps.quality.models import GoldenQuestion

BATCH = 100


def golden_questions() -> Iterator[Question]:
    """Those that a document answers which is still there."""
    rows = GoldenQuestion.objects.filter(unanswerable=False, cabinet__deleted_at=None).order_by("pk")
    for row in rows.prefetch_related("targets").iterator(chunk_size=BATCH):
        documents = frozenset(one.document_id for one in row.targets.all() if one.document_id)
        if documents:
            yield Question(row.question, row.cabinet_id, documents)
