"""The retrieval bench: one question, one or two sets of parameters, and how each passage got its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.cabinets import tuning
from apps.cabinets.messages import sentence
from apps.cabinets.models import Cabinet
from apps.cabinets.searching import passage_url, search
from apps.cabinets.views.guard import page, person
from apps.cabinets.views.highlight import excerpt
from apps.cabinets.views.search import warnings_said
from apps.cabinets.views.strings import dialog_strings
from apps.core.problems import Problem
from apps.quality.views.charts import Bar, LegTable, Segment, segments
from apps.quality.views.common import asked, chosen_cabinet, frame, managed, said
from apps.quality.views.notes import notes_of
from apps.rag.errors import RagError
from apps.rag.retrieval import RetrievalResult
from apps.rag.types import ScoredChunk


@dataclass(frozen=True, slots=True)
class Row:
    """A passage of one side. `other` is its place on the other side, None where it is not there."""

    place: int
    passage: ScoredChunk
    html: SafeString
    url: str
    bars: list[Bar]
    score: str
    other: int | None = None


@dataclass(slots=True)
class Side:
    """One set of parameters and what it found. `prefix` is that of its fields in the address."""

    name: str
    prefix: str
    values: dict[str, Any]
    in_use: bool = False
    fault: str = ""
    rows: list[Row] = field(default_factory=list)
    times: list[Segment] = field(default_factory=list)
    total: str = ""
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@require_GET
@page
def bench(request: HttpRequest) -> HttpResponse:
    """?cabinet=, ?q=, parameters by name, those of the second set with b_; ?compare=1 shows the second."""
    user = person(request)
    cabinets = managed(user)
    cabinet = chosen_cabinet(request, user, cabinets)
    query = asked(request)
    sides = _sides(request.GET, cabinet) if cabinet else []
    if cabinet and query:
        for side in sides:
            _try(side, user, cabinet, query)
        _face(sides)
    context = {
        **frame(cabinets, cabinet, here="bench"),
        "query": query,
        "sides": sides,
        "compared": len(sides) > 1,
        "tuned": bool(cabinet and cabinet.retrieval),
        "modes": _modes(),
        "strings": dialog_strings(),
    }
    return render(request, "quality/bench.html", context)


def _modes() -> list[tuple[str, str]]:
    return [("hybrid", _("Words and meaning")), ("sparse", _("Words only")), ("dense", _("Meaning only"))]


def _sides(given: QueryDict, cabinet: Cabinet) -> list[Side]:
    in_use = tuning.settings_of(cabinet)
    sides = [Side("A", "", _values(given, "", in_use))]
    if given.get("compare") == "1":
        sides.append(Side("B", "b_", _values(given, "b_", in_use)))
    for side in sides:
        side.in_use = side.values == in_use
    return sides


def _values(given: QueryDict, prefix: str, in_use: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as they were typed, those of the cabinet where nothing was; no sense is no number."""
    values = dict(in_use)
    for name, kind in (("candidates", int), ("limit", int), ("dense_weight", float)):
        text = given.get(prefix + name, "").strip()
        if text:
            try:
                values[name] = kind(text)
            except ValueError:
                values[name] = -1
    values["mode"] = given.get(f"{prefix}mode") or values["mode"]
    if given.get(f"{prefix}rerank") in ("on", "off"):
        values["rerank"] = given[f"{prefix}rerank"] == "on"
    return values


def _try(side: Side, user: User, cabinet: Cabinet, query: str) -> None:
    """Faults are told on the page, each at its side."""
    try:
        tuning.checked(side.values)
        options = tuning.make_options({**side.values, "explain": True})
        result = search(user, query, cabinet_ids=[cabinet.pk], options=options)
    except Problem as problem:
        side.fault = said(problem)
    except RagError as error:
        side.fault = sentence(error.code)
    else:
        _fill(side, query, result)


def _fill(side: Side, query: str, result: RetrievalResult) -> None:
    table = LegTable(result)
    side.rows = [
        Row(place, found, excerpt(found.chunk.text, query), passage_url(found), table.bars(found), f"{found.score:.3f}")
        for place, found in enumerate(result.passages, start=1)
    ]  # fmt: skip
    side.times, side.total = segments(result.timings_ms), f"{result.timings_ms.get('total', 0):.1f}"
    side.notes = notes_of(result)
    side.warnings = warnings_said(result.warnings)
    if "dense_incompetent" in result.warnings:
        side.warnings.append(_("The embedding model cannot read the language of this question."))


def _face(sides: list[Side]) -> None:
    """Tell each passage where it stands on the other side."""
    if len(sides) != 2:
        return
    places: list[dict[UUID, int]] = [{row.passage.chunk.id: row.place for row in side.rows} for side in sides]
    for side, other in zip(sides, reversed(places), strict=True):
        side.rows = [
            Row(
                row.place,
                row.passage,
                row.html,
                row.url,
                row.bars,
                row.score,
                other.get(row.passage.chunk.id),
            )
            for row in side.rows
        ]
