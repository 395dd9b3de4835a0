"""Golden questions as first questions of the Ask page, for who may read what answers them."""

from __future__ import annotations

from collections.abc import Sequence

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.models import Cabinet
from apps.quality.models import GoldenQuestion
from apps.rag.languages import detect

LOOKED_AT = 60
LONGEST = 120


def first_questions(user: User, cabinets: Sequence[Cabinet], *, language: str, limit: int) -> list[str]:
    """The newest of these cabinets in this language whose documents the person may all read."""
    rows = (
        GoldenQuestion.objects.filter(cabinet__in=cabinets, unanswerable=False)
        .exclude(targets=None)
        .prefetch_related("targets")[:LOOKED_AT]
    )
    wanted = {target.document_id for row in rows for target in row.targets.all()} - {None}
    readable = set(access.visible_documents(user).filter(pk__in=wanted).values_list("pk", flat=True))
    found = [
        row.question
        for row in rows
        if all(target.document_id in readable for target in row.targets.all())
        and len(row.question) <= LONGEST
        and (detect(row.question) == "zh") == (language == "zh")
    ]
    return found[:limit]
