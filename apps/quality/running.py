"""Runs: every golden question of a cabinet asked once, in the background, as it is searched now.

The job's row is the truth of a run's state. Each question's outcome is written once, by a conditional update,
so a run that was cut off goes on where it was, and two workers do no harm.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.assistants.providers import chat_models
from apps.cabinets import access, tuning
from apps.cabinets.models import Cabinet, Document
from apps.core.models import Job
from apps.core.problems import Problem
from apps.quality import hints
from apps.quality.asking import Answerer, answerer_for
from apps.quality.judging import Asked, judge, totals
from apps.quality.models import GoldenQuestion, GoldenResult, GoldenRun
from apps.quality.selectors import expected_documents
from apps.rag import components
from apps.rag.errors import RagError

logger = logging.getLogger(__name__)
KIND = "golden-run"
STALE = timedelta(minutes=5)  # without a word from its worker: it died
MOST_KEPT = 50  # runs of a cabinet; older ones go
MOST_FAULTS = 5  # in a row: what is needed is down
State = Job.State
Answers = GoldenRun.Answers


def run_start(*, by: User, cabinet: Cabinet, label: str = "", answers: str = Answers.QUOTES) -> GoldenRun:
    """Queue a run with the cabinet's settings of now. Raises Problem 409 where there is nothing to ask, a run
    is under way already, or no chat model is there to answer."""
    if not cabinet.golden_questions.exists():
        raise Problem(409, _("There are no questions to ask yet."), code="no_questions")
    if answers == Answers.MODEL and not chat_models():
        raise Problem(409, _("No chat model is connected."), code="no_model")
    with transaction.atomic():
        Cabinet.objects.select_for_update().get(pk=cabinet.pk)  # one at a time
        if cabinet.golden_runs.filter(job__state__in=[State.QUEUED, State.RUNNING]).exists():
            raise Problem(409, _("A run is under way already."), code="running")
        job = Job.objects.create(kind=KIND, owner=by, stage="ask")
        run = GoldenRun.objects.create(
            cabinet=cabinet,
            job=job,
            label=label.strip()[:120],
            answers=answers,
            options=tuning.settings_of(cabinet),
            environment=environment_of(cabinet, answers=answers),
            created_by=by,
        )
        job.detail = {"run_id": str(run.pk)}
        job.save(update_fields=["detail"])
        _write_down(run)
        audit_record(by, action="golden.run", target=cabinet, detail={"run": str(run.pk), "label": run.label})
        transaction.on_commit(lambda: hints.run_hint(run.pk))
    return run


def run_now(*, by: User, cabinet: Cabinet, label: str = "", answers: str = Answers.QUOTES) -> GoldenRun:
    """A whole run in this process, for commands."""
    run = run_start(by=by, cabinet=cabinet, label=label, answers=answers)
    run_do(run.pk)
    return GoldenRun.objects.select_related("job").get(pk=run.pk)


def environment_of(cabinet: Cabinet, *, answers: str = Answers.QUOTES) -> dict[str, Any]:
    """What beside the settings may change an outcome: models, index, and the state of the documents."""
    index = components.index()
    spec = index.embedder or components.configured()
    served = cabinet.documents.exclude(active_generation=None).exclude(status=Document.Status.DELETING)
    state = served.aggregate(
        count=Count("pk"),
        passages=Sum("chunk_count"),
        readings=Sum("active_generation"),
        latest=Max("ready_at"),
    )
    model = chat_models()[0].name if answers == Answers.MODEL and chat_models() else ""
    reranker = settings.RAG["RERANKER"]
    return {
        "embedder": str(spec["OPTIONS"].get("model", spec["BACKEND"].rpartition(".")[2])),
        "index": index.name,
        "reranker": str(reranker["OPTIONS"].get("model") or reranker["BACKEND"].rpartition(".")[2]),
        "model": model,
        "documents": state["count"],
        "passages": state["passages"] or 0,
        "readings": state["readings"] or 0,
        "latest": state["latest"].isoformat() if state["latest"] else "",
    }


def changed_since(run: GoldenRun) -> list[str]:
    """What is different now: codes of options, embedder, index, reranker, documents, questions."""
    now = environment_of(run.cabinet)
    told = [name for name in ("embedder", "index", "reranker") if now[name] != run.environment.get(name)]
    if run.options != tuning.settings_of(run.cabinet):
        told.insert(0, "options")
    if any(
        now[name] != run.environment.get(name) for name in ("documents", "passages", "readings", "latest")
    ):
        told.append("documents")
    if run.cabinet.golden_questions.filter(updated_at__gt=run.created_at).exists():
        told.append("questions")
    return told


def _write_down(run: GoldenRun) -> None:
    """The questions as they are at the start, not asked yet."""
    questions = run.cabinet.golden_questions.order_by("created_at", "id").prefetch_related("targets")
    GoldenResult.objects.bulk_create(
        [
            GoldenResult(
                run=run,
                question=question,
                number=number,
                text=question.question,
                expected=[target.name for target in question.targets.all()],
                unanswerable=question.unanswerable,
            )
            for number, question in enumerate(questions, start=1)
        ],
        batch_size=500,
    )


def runs_waiting() -> list[UUID]:
    """Runs that nobody has, or whose worker has been silent for too long."""
    return list(_takeable().order_by("created_at").values_list("detail__run_id", flat=True)[:100])


def _takeable() -> QuerySet[Job]:
    silent = Q(state=State.RUNNING, updated_at__lt=timezone.now() - STALE)
    return Job.objects.filter(Q(state=State.QUEUED) | silent, kind=KIND)


def run_do(run_id: UUID) -> bool:
    """Ask what was not asked yet. False when another worker is at it or it is done."""
    run = GoldenRun.objects.select_related("job__owner", "cabinet").filter(pk=run_id).first()
    if run is None or run.job is None:
        return False
    if not _takeable().filter(pk=run.job.pk).update(state=State.RUNNING, updated_at=timezone.now()):
        return False
    with translation.override(run.job.owner.language or settings.LANGUAGE_CODE):
        try:
            _ask_all(run, run.job)
        except Problem as problem:
            _end(run.job, State.FAILED, {"code": problem.code, "message": str(problem.detail)})
        except (access.Forbidden, Http404):
            told = _("You no longer manage this cabinet.")
            _end(run.job, State.FAILED, {"code": "forbidden", "message": told})
        except Exception:
            _end(
                run.job,
                State.FAILED,
                {"code": "internal", "message": _("The run stopped at a fault of this program.")},
            )
            raise
    return True


def _ask_all(run: GoldenRun, job: Job) -> None:
    """Rights are asked when it begins, as they are then. Stops when it is cancelled or everything fails."""
    access.managed_cabinet_for(job.owner, run.cabinet_id)
    answerer = answerer_for(run, by=job.owner)
    total = run.results.count()
    pending = list(run.results.filter(done_at=None).values_list("pk", flat=True))
    faults = 0
    for place, key in enumerate(pending, start=total - len(pending) + 1):
        fault = _ask(key, answerer)
        faults = faults + 1 if fault else 0
        if faults >= MOST_FAULTS:
            raise Problem(503, _("A part that this needs is down. Try again in a moment."), code=fault)
        held = Job.objects.filter(pk=job.pk, state=State.RUNNING)
        if not held.update(progress=round(place / total, 3), updated_at=timezone.now()):
            return  # cancelled, or deleted
        if not connection.in_atomic_block:
            connection.close()
    _conclude(run, job)


def _ask(key: int, answerer: Answerer) -> str:
    """One question. Returns the code of a fault, or nothing."""
    result = GoldenResult.objects.select_related("question__cabinet").get(pk=key)
    question = result.question
    begun = monotonic()
    values: dict[str, Any] = {}
    if question is None:  # deleted meanwhile
        values["fault"] = "gone"
    else:
        try:
            values = _outcome(question, answerer)
        except RagError as error:
            logger.warning("golden question %s: %s %s", question.pk, error.code, error.detail)
            values["fault"] = error.code
    values["milliseconds"] = round((monotonic() - begun) * 1000)
    GoldenResult.objects.filter(pk=key, done_at=None).update(done_at=timezone.now(), **values)
    return "" if values.get("fault", "gone") == "gone" else values["fault"]


def _outcome(question: GoldenQuestion, answerer: Answerer) -> dict[str, Any]:
    expected = expected_documents(question)
    answered = answerer.answer(question.question)
    outcome = judge(
        passages=answered.passages,
        cited=answered.cited,
        answer=answered.text,
        expected=expected,
        passage=question.passage,
        words=question.words,
        unanswerable=question.unanswerable,
    )
    return {
        "rank": outcome.rank,
        "cited": outcome.cited,
        "passed": outcome.passed and not answered.fault,
        "fault": answered.fault,
        "answer": answered.text[:5000],
        "found": [
            {
                "document_id": str(found.chunk.document_id),
                "chunk_id": str(found.chunk.id),
                "title": found.chunk.title,
                "score": round(found.score, 4),
                "right": found.chunk.document_id in expected,
            }
            for found in answered.passages[:5]
        ],
    }


def _conclude(run: GoldenRun, job: Job) -> None:
    rows = run.results.exclude(done_at=None).exclude(fault="gone")
    counted = [
        Asked(*row) for row in rows.values_list("rank", "cited", "passed", "unanswerable", "milliseconds")
    ]
    with transaction.atomic():
        summary = totals(counted)
        GoldenRun.objects.filter(pk=run.pk).update(totals=summary, finished_at=timezone.now())
        _end(job, State.SUCCEEDED, None, result={"run_id": str(run.pk), **summary})
        stale = run.cabinet.golden_runs.order_by("-created_at").values_list("pk", flat=True)[MOST_KEPT:]
        GoldenRun.objects.filter(pk__in=list(stale)).delete()


def _end(job: Job, state: str, error: dict[str, Any] | None, *, result: dict[str, Any] | None = None) -> None:
    Job.objects.filter(pk=job.pk, state=State.RUNNING).update(
        state=state, stage="", error=error, result=result or {}, updated_at=timezone.now(),
        progress=1 if state == State.SUCCEEDED else job.progress,
    )  # fmt: skip


@transaction.atomic
def run_cancel(run: GoldenRun, *, by: User) -> bool:
    """Stop a run that is under way; what was asked is kept, without totals. False when it had ended."""
    # Without a job there is none to stop.
    waiting = Job.objects.filter(pk__in=[run.job_id], state__in=[State.QUEUED, State.RUNNING])
    stopped = bool(waiting.update(state=State.CANCELLED, stage="", updated_at=timezone.now()))
    if stopped:
        audit_record(by, action="golden.cancel", target=run.cabinet, detail={"run": str(run.pk)})
    return stopped


@transaction.atomic
def run_delete(run: GoldenRun, *, by: User) -> None:
    audit_record(by, action="golden.run_delete", target=run.cabinet, detail={"run": str(run.pk)})
    job = run.job
    run.delete()
    if job is not None:
        job.delete()
