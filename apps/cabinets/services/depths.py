"""Two depths of reading: first the text layer, so that a file is found within seconds; then, behind everything
that is fresh, the pages that have to be recognised and the tables, as a generation of their own.

While the second waits or runs the document is ready and served as it is; should it fail, it stays so, with a note.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation

from apps.cabinets.messages import sentence
from apps.cabinets.models import Document
from apps.rag.parsing.notes import note
from apps.rag.sandbox import Depth

DEEP_PRIORITY = -10  # in the queue: after everything that was uploaded
Status = Document.Status


def depth_wanted(document: Document) -> Depth:
    """What is read now. A document whose present bytes are served in full is not read worse in between."""
    return "full" if document.deepening or document.depth == Document.Depth.FULL else "basic"


def basic_served(generation: int) -> dict[str, Any]:
    """The fields of a row whose first look is served and whose second is yet to come."""
    return {
        "status": Status.QUEUED,
        "deepening": True,
        "depth": Document.Depth.BASIC,
        "priority": DEEP_PRIORITY,
        "generation": generation + 1,
        "queued_at": timezone.now(),
        "not_before": None,
        "pages_done": 0,
        "pages_total": 0,
    }


def deep_over(document: Document, *, code: str) -> dict[str, Any]:
    """The fields of a row whose second look was given up: what is served stays so, and a note says why."""
    kept = [warning for warning in document.warnings if warning not in _notes_of(document)]
    return {
        "status": Status.READY,
        "stage": "",
        "progress": 1,
        "deepening": False,
        "priority": 0,
        "attempt": 0,
        "not_before": None,
        "error_code": "",
        "error_detail": "",
        "error_retryable": False,
        "warnings": [_note(code), *kept][:50],
    }


def _note(code: str) -> str:
    said = {}
    for name, language in (("chinese", "zh-hans"), ("english", "en")):
        with translation.override(language):
            said[name] = sentence(code)
    return note("deep_failed", **said)


def _notes_of(document: Document) -> list[str]:
    beginning = note("deep_failed", chinese="", english="").split("：")[0]
    return [warning for warning in document.warnings if warning.startswith(beginning)]


def deep_slot_free() -> bool:
    """Whether a second look may begin: one worker is left to what is fresh, where there are several."""
    alive = Q(lease_until__gt=timezone.now())
    running = Document.objects.filter(alive, status=Status.PROCESSING, deepening=True).count()
    return running < max(1, settings.INGEST_WORKERS - 1)
