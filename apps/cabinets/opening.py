"""Who opened which document: written into the trail, read by its owner and by managers."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.auditing import OPENED, events_of, opened_recently
from apps.accounts.models import AuditEvent, User
from apps.accounts.trail import audit_record
from apps.cabinets import access
from apps.cabinets.models import Document, Role

MOST_DOCUMENTS = 5000


def document_opened(document: Document, *, by: User, action: str = "document.read") -> None:
    """One row a visit: who comes back within ten minutes is not written down again."""
    who = by.viewed_by or by
    if not opened_recently(who, str(document.pk), action):
        audit_record(by, action=action, target=document)


def may_see_activity(user: User, document: Document) -> bool:
    """Whoever put the document there, and managers of its folder."""
    return document.created_by_id == user.pk or access.role_in(user, document.folder) == Role.MANAGER


def activity_of(document: Document) -> QuerySet[AuditEvent]:
    """All that was done with a document, its openings among it, newest first."""
    return events_of([str(document.pk)])


def openings_for(user: User) -> QuerySet[AuditEvent]:
    """Who else opened the documents that the person brought in and still may see, newest first."""
    mine = access.visible_documents(user).filter(created_by=user).order_by("-created_at")
    keys: list[UUID] = list(mine.values_list("pk", flat=True)[:MOST_DOCUMENTS])
    return events_of(map(str, keys), actions=OPENED).exclude(actor=user)
