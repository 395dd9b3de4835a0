"""One run: its totals, each question, and what got better or worse than in another run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.cabinets.models import Cabinet
from apps.cabinets.views.guard import page, person
from apps.quality import selectors
from apps.quality.comparing import Comparison, compare
from apps.quality.models import GoldenResult, GoldenRun
from apps.quality.sentences import option_name
from apps.quality.views.common import frame, managed, uuid_of
from apps.quality.views.golden import UNDER_WAY, golden_strings

PAGE_SIZE = 100
SHOWN_OTHERS = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A result; `why` is the address that asks why its document was not found, "" where that is no question."""

    result: GoldenResult
    why: str


@require_GET
@page
def golden_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """?with= the run to compare with (else the one before), ?show=failed, ?page=."""
    user = person(request)
    run = selectors.run_for(user, run_id)
    other = _other(request, user, run)
    failed = request.GET.get("show") == "failed"
    results = run.results.exclude(done_at=None)
    shown = Paginator(results.filter(passed=False) if failed else results, PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    comparison = compare(other, run) if other else None
    context = {
        **frame(managed(user), run.cabinet, here="golden"),
        "run": run,
        "active": run if run.state in UNDER_WAY else None,
        "other": other,
        "others": _others(run),
        "comparison": comparison,
        "differences": _differences(comparison),
        "surroundings": _surroundings(run),
        "failed": failed,
        "shown": shown,
        "rows": _rows(run.cabinet, list(shown.object_list)),
        "strings": golden_strings(),
    }
    return render(request, "quality/run.html", context)


def _other(request: HttpRequest, user: User, run: GoldenRun) -> GoldenRun | None:
    text = request.GET.get("with", "")
    if not text:
        return selectors.run_before(run) if run.finished_at else None
    if (key := uuid_of(text)) is None:
        raise Http404
    other = selectors.run_for(user, key)
    if other.cabinet_id != run.cabinet_id:
        raise Http404
    return other


def _others(run: GoldenRun) -> list[GoldenRun]:
    return list(run.cabinet.golden_runs.exclude(pk=run.pk).exclude(finished_at=None)[:SHOWN_OTHERS])


def _differences(comparison: Comparison | None) -> list[tuple[str, str, str]]:
    if comparison is None:
        return []
    return [
        (option_name(name), spoken(old), spoken(new)) for name, (old, new) in comparison.differences.items()
    ]


def _surroundings(run: GoldenRun) -> list[tuple[str, str]]:
    values = {**run.options, **run.environment}
    hidden = {"readings", "index"} | ({"model"} if not values.get("model") else set())
    return [(option_name(name), spoken(value)) for name, value in values.items() if name not in hidden]


def spoken(value: Any) -> str:
    """A setting as people read it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, str) and value in {"hybrid", "sparse", "dense"}:
        return {"hybrid": _("Words and meaning"), "sparse": _("Words only"), "dense": _("Meaning only")}[
            value
        ]
    if isinstance(value, str) and value[4:5] == "-" and "T" in value:
        return f"{timezone.localtime(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    return str(value)


def _rows(cabinet: Cabinet, results: list[GoldenResult]) -> list[Row]:
    names = {name for result in results if not result.passed for name in result.expected}
    there = selectors.documents_named(cabinet, names) if names else {}
    rows = []
    for result in results:
        document = next((there[name] for name in result.expected if name in there), None)
        asks = document is not None and not result.passed
        query = urlencode({"document": str(document.pk), "q": result.text}) if document is not None else ""
        rows.append(Row(result, f"{reverse('why')}?{query}" if asks else ""))
    return rows
