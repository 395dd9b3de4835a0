"""The inbox 待办: questions that the managers of a cabinet should look at.

A disliked answer comes here when its reader says so; a question that the documents did not answer is collected
in the background, without the name of who asked. Managers read the answer only where they may read all that it
was written from.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.models import Cabinet, Document, Folder
from apps.chat import pages
from apps.chat.models import MessageSource, Report
from apps.chat.saving import reviewed_document

MOST_COUNTED = 100


def reports_for(user: User, *, done: bool | None = None) -> QuerySet[Report]:
    """Those about cabinets that the person manages as a whole."""
    managed = access.managed_cabinets_for(user).values("pk")
    through = Report.cabinets.through.objects.filter(cabinet__in=managed)
    found = Report.objects.filter(pk__in=through.values("report"))
    return found if done is None else found.filter(done_at__isnull=not done)


def report_for(user: User, report_id: UUID) -> Report:
    found = reports_for(user).filter(pk=report_id).first()
    if found is None:
        raise Http404
    return found


def open_count(user: User) -> int:
    """For the rail; counted up to 100."""
    return reports_for(user, done=False)[:MOST_COUNTED].count()


def shown_answer(user: User, report: Report) -> pages.Turn | None:
    """The answer, where it exists and this manager may read every document behind it."""
    if report.message is None:
        return None
    turn = pages.turns(user, [report.message], link=_document_link)[0]
    return turn if all(source.visible for source in turn.sources) else None


def _document_link(source: MessageSource) -> str:
    """The passage in its document: the message itself is not the manager's."""
    return f"/documents/{source.document_id}/?chunk={source.chunk_id}"


def report_settle(report: Report, *, by: User, done: bool) -> None:
    report.done_at = timezone.now() if done else None
    report.done_by = by if done else None
    report.save(update_fields=["done_at", "done_by"])


@transaction.atomic
def report_answer(report: Report, *, by: User, folder: Folder, title: str, text: str) -> Document:
    """A reviewed document that answers the question; the report is settled."""
    document = reviewed_document(
        by=by,
        folder=folder,
        title=title or report.question.splitlines()[0][:120],
        question=report.question,
        text=text,
    )
    report_settle(report, by=by, done=True)
    return document


def cabinets_of(user: User, reports: Collection[Report]) -> dict[UUID, list[Cabinet]]:
    """For each report those of its cabinets that this person manages."""
    managed = {cabinet.pk: cabinet for cabinet in access.managed_cabinets_for(user)}
    rows = Report.cabinets.through.objects.filter(report__in=reports, cabinet__in=managed)
    found: dict[UUID, list[Cabinet]] = {report.pk: [] for report in reports}
    for report, cabinet in rows.values_list("report_id", "cabinet_id"):
        found[report].append(managed[cabinet])
    return found
