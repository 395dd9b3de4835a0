"""I5 and I9: nothing waits that nobody will do, and what was delivered often took effect once."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Q
from django.utils import timezone

from apps.cabinets.doctor.common import Status, patience
from apps.cabinets.hints import hint, removal_hint
from apps.cabinets.models import Document
from apps.cabinets.services.leases import leases_expire
from apps.core.doctor import Finding
from apps.core.models import Job


def nothing_is_stuck(*, repair: bool) -> Iterator[Finding]:
    """I5: nothing queued, being read or being deleted for longer than a lease and a sweep without somebody at it."""
    now, limit = timezone.now(), timezone.now() - patience()
    dead = Document.objects.filter(Q(lease_until__lt=limit) | Q(lease_until=None), status=Status.PROCESSING)
    found = [(document, "being read by nobody") for document in dead[:500]]
    if not Document.objects.filter(status=Status.PROCESSING, lease_until__gt=now).exists():
        due = Q(not_before=None) | Q(not_before__lt=limit)
        waiting = Document.objects.filter(
            due, status=Status.QUEUED, queued_at__lt=limit, updated_at__lt=limit
        )
        found += [(document, "waits, and nobody works: is a worker running?") for document in waiting[:500]]
    deleting = Document.objects.filter(status=Status.DELETING, updated_at__lt=limit)
    found += [(document, "its deletion does not end") for document in deleting[:500]]
    mended = _hand_out(found) if repair and found else ""
    for document, detail in found:
        yield Finding("I5", f"document {document.pk} “{document.title[:60]}”", detail, mended)


def _hand_out(found: list[tuple[Document, str]]) -> str:
    leases_expire()
    Document.objects.filter(
        pk__in=[document.pk for document, _ in found], status=Status.PROCESSING, lease_until=None
    ).update(status=Status.QUEUED, lease_token=None, updated_at=timezone.now())
    for document, _detail in found:
        send = removal_hint if document.status == Status.DELETING else hint
        send(document.pk)
    return "handed out again"


def one_effect(*, repair: bool) -> Iterator[Finding]:
    """I9: however often a message or an upload came, there is one document, one version a number, and one
    receipt. Which of two is right is for a person to say, so nothing is mended."""
    live = Document.objects.filter(parent=None).exclude(status=Status.DELETING).order_by()
    twice = live.values("folder_id", "sha256").annotate(times=Count("pk")).filter(times__gt=1)
    for row in twice[:500]:
        yield Finding(
            "I9", f"folder {row['folder_id']}", f"the same bytes {row['times']} times: {row['sha256']}"
        )
    ahead = Document.objects.annotate(numbers=Count("versions")).exclude(numbers=0)
    for document in ahead.exclude(status=Status.DELETING).filter(
        numbers__gt=Count("versions__number", distinct=True)
    )[:500]:
        yield Finding("I9", f"document {document.pk}", "a version number was given twice")
    finished = Job.objects.filter(kind="delete_document", state=Job.State.SUCCEEDED)
    for job in finished.filter(result__vectors_left__gt=0)[:500]:
        yield Finding("I9", f"job {job.pk}", "a receipt counts vectors that are left")
