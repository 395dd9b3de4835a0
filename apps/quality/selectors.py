"""Reads about golden questions and runs: all of them belong to the managers of their cabinet."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.models import Cabinet, Document
from apps.quality.models import GoldenQuestion, GoldenRun, GoldenTarget


def questions_for(user: User, cabinet: Cabinet, *, query: str = "") -> QuerySet[GoldenQuestion]:
    """Raises Forbidden and Http404 as the gate does."""
    access.managed_cabinet_for(user, cabinet.pk)
    found = cabinet.golden_questions.prefetch_related("targets").select_related("created_by")
    if query := query.strip()[:200]:
        found = found.filter(Q(question__icontains=query) | Q(targets__name__icontains=query)).distinct()
    return found


def question_for(user: User, question_id: UUID) -> GoldenQuestion:
    """404 unless the person may see its cabinet, Forbidden unless they manage it."""
    found = GoldenQuestion.objects.select_related("cabinet").filter(pk=question_id).first()
    if found is None:
        raise Http404
    access.managed_cabinet_for(user, found.cabinet_id)
    return found


def runs_for(user: User, cabinet: Cabinet) -> QuerySet[GoldenRun]:
    access.managed_cabinet_for(user, cabinet.pk)
    return cabinet.golden_runs.select_related("job", "created_by")


def run_for(user: User, run_id: UUID) -> GoldenRun:
    found = GoldenRun.objects.select_related("cabinet", "job", "created_by").filter(pk=run_id).first()
    if found is None:
        raise Http404
    access.managed_cabinet_for(user, found.cabinet_id)
    return found


def run_before(run: GoldenRun) -> GoldenRun | None:
    """The last finished run of the cabinet before this one."""
    earlier = run.cabinet.golden_runs.filter(created_at__lt=run.created_at).exclude(finished_at=None)
    return earlier.first()


def name_of(document: Document) -> str:
    """Folder path and file name, as questions name a document."""
    path = document.folder.path
    return f"{path}/{document.filename}" if path else document.filename


def documents_named(cabinet: Cabinet, names: Iterable[str]) -> dict[str, Document]:
    """The documents of a cabinet by such a name; of several with the same name the newest."""
    wanted = set(names)
    rows = (
        Document.objects.filter(cabinet=cabinet, filename__in={name.rpartition("/")[2] for name in wanted})
        .exclude(status=Document.Status.DELETING)
        .select_related("folder")
        .order_by("created_at")
    )
    return {name: row for row in rows if (name := name_of(row)) in wanted}


def expected_documents(question: GoldenQuestion) -> set[UUID]:
    """The documents that count as right now: those named, or what stands under their name today."""
    targets: list[GoldenTarget] = list(question.targets.all())
    gone = [target.name for target in targets if target.document_id is None]
    replaced = documents_named(question.cabinet, gone) if gone else {}
    known = {target.document_id for target in targets if target.document_id is not None}
    return known | {document.pk for document in replaced.values()}
