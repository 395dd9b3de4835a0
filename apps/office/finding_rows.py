"""A finding of the engines as the row that keeps it."""

from __future__ import annotations

from apps.office.models import ProofFinding, Proofreading
from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Finding

AROUND = 20  # characters of context on each side


def row_of(row: Proofreading, draft: Draft, finding: Finding, number: int) -> ProofFinding:
    line_start, line_end = draft.lines[finding.paragraph]
    start, end = max(line_start, finding.offset - AROUND), min(line_end, finding.end + AROUND)
    return ProofFinding(
        proofreading=row, number=number, offset=finding.offset, length=finding.length, paragraph=finding.paragraph,
        text=finding.text, context={"text": draft.text[start : max(end, finding.end)], "offset": finding.offset - start},
        suggestions=[{"value": one.value, "score": one.score} for one in finding.suggestions],
        category=finding.category, type=finding.type, operation=finding.operation, severity=finding.severity,
        confidence=finding.confidence, rule_id=finding.rule_id, rule_version=finding.version, basis=finding.basis,
        engines=list(finding.engines), said={"title": dict(finding.title), "note": dict(finding.note)},
        sources=[dict(source) for source in finding.sources], fixable=finding.fixable,
    )  # fmt: skip
