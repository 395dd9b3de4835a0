"""The findings of a file as one page that stands alone: to be printed, filed and sent. No script, nothing from outside."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.office.files.working import kept_text
from apps.office.models import ProofFinding, Proofreading
from apps.office.proofreading.catalogue import DATA
from apps.office.proofreading_strings import CATEGORIES

SEVERITIES = {"error": lambda: _("Error"), "warning": lambda: _("Warning"), "info": lambda: _("Hint")}
State = ProofFinding.State


@cache
def _style() -> SafeString:
    return mark_safe((DATA / "report.css").read_text(encoding="utf-8"))  # noqa: S308 - a file of the product


@cache
def policy() -> str:
    """The content security policy of a report: its own style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def report_html(row: Proofreading, *, request: HttpRequest) -> str:
    """Whole addresses, since the page is read elsewhere too; in the language of the request."""
    findings = list(row.findings.order_by("offset", "number"))
    text = kept_text(row)
    context = {
        "reading": row,
        "style": _style(),
        "characters": len(text),
        "total": len(findings),
        "counts": _counts(findings),
        "entries": [_entry(one, number, request) for number, one in enumerate(findings, 1)],
        "parts": _parts(text, findings),
    }
    return render_to_string("office/report.html", context)


def _counts(findings: Sequence[ProofFinding]) -> list[dict[str, Any]]:
    severities, categories = (
        Counter(one.severity for one in findings),
        Counter(one.category for one in findings),
    )
    return [
        {
            "title": _("By severity"),
            "rows": [(say(), severities[key]) for key, say in SEVERITIES.items() if severities[key]],
        },
        {
            "title": _("By category"),
            "rows": [(_category(key), count) for key, count in categories.most_common()],
        },
    ]


def _category(name: str) -> str:
    return CATEGORIES[name]() if name in CATEGORIES else name


def _entry(row: ProofFinding, number: int, request: HttpRequest) -> dict[str, Any]:
    values = [entry["value"] for entry in row.suggestions]
    if row.state == State.ACCEPTED and row.chosen:
        values = [row.chosen, *(value for value in values if value != row.chosen)]
    around, start = str(row.context.get("text", "")), int(row.context.get("offset", 0))
    sources = [
        {**source, "href": request.build_absolute_uri(str(source.get("url", "")))} for source in row.sources
    ]
    return {
        "row": row, "number": number, "paragraph": row.paragraph + 1,
        "severity": SEVERITIES[row.severity](), "category": _category(row.category),
        "before": around[:start], "after": around[start + len(row.text) :],
        "has_change": bool(values), "value": values[0] if values else "", "others": values[1:4], "sources": sources,
    }  # fmt: skip


def _parts(text: str, findings: Sequence[ProofFinding]) -> list[dict[str, Any]]:
    """The text cut at the findings, in order; one that begins inside another is counted with it."""
    parts: list[dict[str, Any]] = []
    place = 0
    for number, one in enumerate(findings, 1):
        if one.offset < place:
            if parts:
                parts[-1]["numbers"] += f" {number}"
            continue
        if one.offset > place:
            parts.append({"text": text[place : one.offset], "severity": "", "numbers": ""})
        place = one.offset + one.length
        parts.append({"text": text[one.offset : place], "severity": one.severity, "numbers": str(number)})
    return [*parts, {"text": text[place:], "severity": "", "numbers": ""}] if text else []
