"""What comes into the inbox: answers that a reader disliked, and questions that the documents did not answer."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.cabinets import access
from apps.cabinets.models import Cabinet, Document
from apps.chat.models import Message, Report

Kind = Report.Kind
COLLECTED_WITHIN = timedelta(hours=2)
MOST_COLLECTED, MOST_CABINETS = 200, 50


@transaction.atomic
def disliked(message: Message) -> None:
    """Hand the question to the managers of the cabinets behind the answer, or take it back when the
    rating was changed. A report that somebody settled stays settled."""
    if message.rating != "down":
        Report.objects.filter(message=message, kind=Kind.DISLIKED, done_at=None).delete()
        return
    _report(message, Kind.DISLIKED, reason=message.reason, comment=message.comment)


def collect_unanswered() -> int:
    """Report recent answers that found nothing. Returns how many."""
    if not settings.REPORT_UNANSWERED:
        return 0
    recent = (
        Message.objects.filter(
            role=Message.Role.ASSISTANT,
            status=Message.Status.COMPLETE,
            found=False,
            parent__isnull=False,
            created_at__gte=timezone.now() - COLLECTED_WITHIN,
        )
        .exclude(reports__kind=Kind.UNANSWERED)
        .select_related("parent", "conversation__user")[:MOST_COLLECTED]
    )
    for message in recent:
        _report(message, Kind.UNANSWERED)
    return len(recent)


def _report(message: Message, kind: str, **said: str) -> None:
    cabinets = _cabinets_behind(message)
    if not cabinets or message.parent is None:
        return
    report, _created = Report.objects.update_or_create(
        message=message, kind=kind, defaults={"question": message.parent.content, **said}
    )
    report.cabinets.set(cabinets)


def _cabinets_behind(message: Message) -> list[Cabinet]:
    """Of the sources that were cited, else of those that were read, else what was searched."""
    sources = message.sources.exclude(document=None)
    cited = sources.filter(cited=True)
    keys = (cited if cited.exists() else sources).values("document")
    shared = Cabinet.objects.filter(deleted_at=None, personal=False)
    behind = shared.filter(pk__in=Document.objects.filter(pk__in=keys).values("cabinet"))
    if found := list(behind[:MOST_CABINETS]):
        return found
    readable = access.cabinets_for(message.conversation.user)
    chosen = readable.filter(pk__in=message.conversation.cabinets.values("pk"))
    return list((chosen if chosen.exists() else readable)[:MOST_CABINETS])
