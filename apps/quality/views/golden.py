"""Golden questions of a cabinet: the list with the last run, and the form of one question."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.accounts.requests import SignedInRequest
from apps.assistants.providers import chat_models
from apps.cabinets import access
from apps.cabinets.models import Cabinet, Document
from apps.cabinets.views.guard import page, person
from apps.cabinets.views.strings import dialog_strings
from apps.quality import selectors
from apps.quality.models import GoldenQuestion, GoldenResult, GoldenRun
from apps.quality.running import State, changed_since
from apps.quality.samples import has_samples
from apps.quality.selectors import name_of
from apps.quality.sentences import option_name
from apps.quality.views.charts import trend
from apps.quality.views.common import chosen_cabinet, frame, managed

PAGE_SIZE = 50
SHOWN_RUNS = 12
MOST_DOCUMENTS = 1000
UNDER_WAY = (State.QUEUED, State.RUNNING)


@require_GET
@page
def golden(request: SignedInRequest) -> HttpResponse:
    """?cabinet=, ?q= within the questions, ?page=; ?part=run is the state of the run alone, for htmx."""
    user = person(request)
    cabinets = managed(user)
    cabinet = chosen_cabinet(request, user, cabinets)
    context: dict[str, Any] = {**frame(cabinets, cabinet, here="golden"), "strings": golden_strings()}
    if cabinet is not None:
        runs = list(selectors.runs_for(user, cabinet)[:SHOWN_RUNS])
        active = next((run for run in runs if run.state in UNDER_WAY), None)
        if request.htmx and request.GET.get("part") == "run":
            return _run_part(request, cabinet, active)
        context |= {**_runs(runs), "active": active, **_questions(request, user, cabinet)}
    return render(request, "quality/golden.html", context)


def _run_part(request: HttpRequest, cabinet: Cabinet, active: GoldenRun | None) -> HttpResponse:
    """The progress; once the run has ended the whole page is asked for."""
    answer = render(request, "quality/_run_state.html", {"active": active, "cabinet": cabinet})
    if active is None:
        answer["HX-Refresh"] = "true"
    return answer


def _runs(runs: list[GoldenRun]) -> dict[str, Any]:
    ended = [run for run in runs if run.finished_at is not None]
    last = ended[0] if ended else None
    shares = [
        run.totals["passed"] / run.totals["questions"]
        for run in reversed(ended)
        if run.totals.get("questions")
    ]
    return {
        "runs": runs,
        "last": last,
        "trend": trend(shares),
        "changed": [option_name(code) for code in changed_since(last)] if last else [],
        "models": [model.name for model in chat_models()[:1]],
    }


def _questions(request: HttpRequest, user: User, cabinet: Cabinet) -> dict[str, Any]:
    query = request.GET.get("q", "").replace("\0", "").strip()[:200]
    found = selectors.questions_for(user, cabinet, query=query)
    shown = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "query": query,
        "shown": shown,
        "rows": [(question, _last_result(question)) for question in _with_results(shown.object_list)],
        "any": bool(query) or shown.paginator.count > 0,
        "samples": has_samples(cabinet),
    }


def _with_results(questions: Any) -> list[GoldenQuestion]:
    listed = list(questions)
    results = GoldenResult.objects.filter(question__in=listed, run__finished_at__isnull=False).select_related(
        "run"
    )
    newest: dict[UUID, GoldenResult] = {}
    for result in results.order_by("run__created_at"):
        if result.question_id is not None:
            newest[result.question_id] = result
    for question in listed:
        question.last_result = newest.get(question.pk)  # type: ignore[attr-defined]
    return listed


def _last_result(question: GoldenQuestion) -> GoldenResult | None:
    return question.last_result  # type: ignore[attr-defined,no-any-return]


@require_GET
@page
def golden_new(request: HttpRequest, cabinet_id: UUID) -> HttpResponse:
    """An empty form; ?q= fills in the question."""
    user = person(request)
    cabinet = access.managed_cabinet_for(user, cabinet_id)
    draft = GoldenQuestion(cabinet=cabinet, question=request.GET.get("q", "").replace("\0", "")[:2000])
    return _form(request, user, draft, names=[])


@require_GET
@page
def golden_question(request: HttpRequest, question_id: UUID) -> HttpResponse:
    user = person(request)
    question = selectors.question_for(user, question_id)
    return _form(
        request, user, question, names=[target.name for target in question.targets.all()], saved=True
    )


def _form(
    request: HttpRequest, user: User, question: GoldenQuestion, *, names: list[str], saved: bool = False
) -> HttpResponse:
    documents = access.visible_documents(user).filter(cabinet=question.cabinet).select_related("folder")
    offered = documents.order_by("folder__path", "filename")[:MOST_DOCUMENTS]
    context = {
        **frame(managed(user), question.cabinet, here="golden"),
        "question": question,
        "saved": saved,
        "names": names,
        "missing": _missing(question, names),
        "offered": sorted({name_of(document) for document in offered}),
        "strings": golden_strings(),
    }
    return render(request, "quality/question.html", context)


def _missing(question: GoldenQuestion, names: list[str]) -> list[str]:
    there: dict[str, Document] = selectors.documents_named(question.cabinet, names)
    return [name for name in names if name not in there]


def golden_strings() -> dict[str, str]:
    return {
        **dialog_strings(),
        "delete_question": _("Delete this question?"),
        "delete_question_text": _("Earlier runs keep what they asked."),
        "delete_run": _("Delete this run?"),
        "delete_run_text": _("Its results are gone for good."),
        "imported": _("Added: {added}, updated: {updated}, rejected: {rejected}"),
        "rejected_heading": _("Not taken from the file"),
        "rejected_line": _("Line {line}: {message}"),
        "close": _("Close"),
        "remove_document": _("Take “{name}” away"),
        "name_a_document": _("Name the document that answers it, or mark it as unanswerable."),
    }
