"""The golden questions that come with the demo cabinet."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets.demo import golden
from apps.cabinets.models import Cabinet
from apps.cabinets.services.demo import MARK
from apps.core.problems import Problem
from apps.quality.exchange import expectations_take
from apps.quality.services import Origin


def has_samples(cabinet: Cabinet) -> bool:
    return cabinet.options.get("kind") == MARK


def samples_load(*, by: User, cabinet: Cabinet) -> dict[str, Any]:
    """Add those that are not there. Raises Problem 409 for any other cabinet."""
    if not has_samples(cabinet):
        raise Problem(409, _("Only the demo cabinet comes with questions."), code="no_samples")
    rows = [
        {
            "question": one.question,
            "answer": one.answer,
            "documents": list(one.documents),
            "words": list(one.must_contain),
            "unanswerable": one.unanswerable,
        }
        for one in golden().questions
    ]
    return expectations_take(
        by=by, cabinet=cabinet, rows=enumerate(reversed(rows), start=1), origin=Origin.SAMPLE
    )
