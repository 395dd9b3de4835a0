"""Files that belong to one conversation: read as every document is, searched here alone, gone with it.

They lie in a personal cabinet of the conversation's owner, which passes the same gate as all others and stands
in no list; not even administrators see into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.models import Cabinet, Document
from apps.cabinets.services.cabinets import cabinet_delete, personal_cabinet_create
from apps.cabinets.services.deletion import document_delete
from apps.cabinets.services.uploads import document_upload
from apps.chat.models import Conversation
from apps.core.models import Job
from apps.core.problems import Problem

MOST = 20
ORPHAN_AFTER = timedelta(minutes=10)  # a cabinet is made a moment before its conversation names it


def attachments_of(user: User, conversation: Conversation) -> QuerySet[Document]:
    """Through the gate like every document."""
    return access.visible_documents(user).filter(
        cabinet=conversation.attachments_id, cabinet__personal=True, parent=None
    )


def attachment_add(conversation: Conversation, *, user: User, upload: UploadedFile) -> Document:
    """Store and queue the file. Raises Problem for a file that is refused, or one too many."""
    if attachments_of(user, conversation).count() >= MOST:
        raise Problem(
            409,
            _("At most %(most)d files can be attached. Put more into a cabinet.") % {"most": MOST},
            code="full",
        )
    cabinet = _cabinet(conversation, user)
    document, _created = document_upload(by=user, folder=access.root_of(cabinet), upload=upload)
    return document


def _cabinet(conversation: Conversation, user: User) -> Cabinet:
    with transaction.atomic():
        row = Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
        if row.attachments is None:
            row.attachments = personal_cabinet_create(by=user, name=_("Attached to the conversation"))
            row.save(update_fields=["attachments"])
    conversation.attachments = row.attachments
    return row.attachments


def attachment_remove(conversation: Conversation, *, user: User, document_id: UUID) -> Job:
    found = attachments_of(user, conversation).filter(pk=document_id).first()
    if found is None:
        raise Http404
    return document_delete(found, by=user)


@transaction.atomic
def conversation_delete(conversation: Conversation, *, by: User) -> list[Job]:
    """The conversation with its messages now; its attachments are cleared away with a receipt for each."""
    cabinet = conversation.attachments
    conversation.delete()
    return _clear(cabinet, by=by) if cabinet is not None else []


def _clear(cabinet: Cabinet, *, by: User) -> list[Job]:
    Cabinet.objects.filter(pk=cabinet.pk).update(deleted_at=timezone.now())
    documents = Document.objects.filter(cabinet=cabinet, parent=None).exclude(status=Document.Status.DELETING)
    return [document_delete(document, by=by) for document in documents]


def orphans() -> QuerySet[Cabinet]:
    """Personal cabinets whose conversation is gone without them, as when a person's account is deleted."""
    kept = Conversation.objects.exclude(attachments=None).values("attachments")
    old = timezone.now() - ORPHAN_AFTER
    return Cabinet.objects.filter(personal=True, deleted_at=None, created_at__lt=old).exclude(pk__in=kept)


def orphans_clear() -> Iterator[Cabinet]:
    """Clear what nobody can reach any more; for the sweeper and the doctor."""
    for cabinet in orphans().select_related("created_by")[:100]:
        cabinet_delete(cabinet, by=cabinet.created_by)
        yield cabinet
