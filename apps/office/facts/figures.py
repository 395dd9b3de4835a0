"""Figures of a draft that the cabinets say otherwise: the same words before a number, the same unit after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from uuid import UUID

from apps.accounts.models import User
from apps.cabinets.access import visible_documents
from apps.cabinets.models import Chunk
from apps.cabinets.validity import in_force, today
from apps.office.proofreading.facts_rules import FIGURE
from apps.office.proofreading.rule_layer import finding_of
from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Finding, Hit

_UNITS = "个工作日|工作日|个月|元|万元|%|天|日|小时|分钟|人|次|年|周岁|公里|平方米|米"
_FIGURE = re.compile(rf"([\u4e00-\u9fff]{{6,24}})\s?(\d[\d,]*(?:\.\d+)?)\s?({_UNITS})")
WORDS = 8  # characters before the number that must be the same
MOST_FIGURES = 12
MOST_CHUNKS = 20


def figures_in(user: User, draft: Draft, *, cabinet_ids: Sequence[UUID]) -> Iterator[Finding]:
    """One query a figure, so at most MOST_FIGURES; only documents in force today."""
    readable = visible_documents(user).filter(in_force(on=today()), cabinet__in=list(cabinet_ids))
    keys = list(readable.exclude(active_generation=None).values_list("pk", "active_generation")[:3_000])
    served = dict(keys)
    if not served:
        return
    for match in list(_FIGURE.finditer(draft.text))[:MOST_FIGURES]:
        before = match[1][-WORDS:]
        chunks = Chunk.objects.filter(document__in=readable.values("pk"), enabled=True, text__contains=before)
        rows = chunks.select_related("document")[:MOST_CHUNKS]
        others = [(chunk, said) for chunk in rows if served.get(chunk.document_id) == chunk.generation
                  if (said := _said(chunk.text, before, match[3]))]  # fmt: skip
        if others and all(said != _plain(match[2]) for _chunk, said in others):
            yield _finding(draft, match, others)


def _said(text: str, before: str, unit: str) -> str:
    """The number after these words with this unit, or nothing."""
    found = re.search(rf"{re.escape(before)}\s?(\d[\d,]*(?:\.\d+)?)\s?{re.escape(unit)}", text)
    return _plain(found[1]) if found else ""


def _plain(number: str) -> str:
    return number.replace(",", "")


def _finding(draft: Draft, match: re.Match[str], others: Sequence[tuple[Chunk, str]]) -> Finding:
    chunk, said = others[0]
    note = {
        "zh": f"《{chunk.document.title}》中是{said}{match[3]}。",
        "en": f"《{chunk.document.title}》 says {said} {match[3]}.",
    }
    hit = Hit(match.start(2), match.end(2), (said,), note)
    made = finding_of(draft, FIGURE, hit, engine="facts", confidence=0.7)
    place = chunk.text.find(match[1][-WORDS:])
    quote = chunk.text[max(0, place - 20) : place + 60]
    source = {
        "document_id": str(chunk.document_id), "title": chunk.document.title, "quote": quote,
        "page": chunk.page_start, "url": f"/documents/{chunk.document_id}/",
    }  # fmt: skip
    return made.changed(sources=(source,))
