"""How a person keeps conversations in order: folders, pins, the archive, and finding one again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.chat.models import Conversation, ConversationFolder, Message
from apps.chat.selectors import conversations_of
from apps.core.problems import Problem, invalid

MOST_FOLDERS = 100
SNIPPET_BEFORE, SNIPPET_LENGTH = 24, 90
UNCHANGED: Any = object()


@dataclass(frozen=True, slots=True)
class ListFilter:
    """Which conversations a list shows. A search looks into the archive and into every folder."""

    query: str = ""
    folder_id: UUID | None = None
    archived: bool = False


def folders_for(user: User) -> QuerySet[ConversationFolder]:
    """The person's folders, each with `conversation_count` of what is not archived."""
    live = Q(conversations__archived_at=None)
    return ConversationFolder.objects.filter(user=user).annotate(
        conversation_count=Count("conversations", filter=live)
    )


def folder_for(user: User, folder_id: UUID) -> ConversationFolder:
    found = folders_for(user).filter(pk=folder_id).first()
    if found is None:
        raise Http404
    return found


def listed(user: User, wanted: ListFilter) -> QuerySet[Conversation]:
    """Pinned ones first, then the newest; a search adds `found_in`, a message in which the words stand."""
    rows = conversations_of(user)
    if query := wanted.query.strip()[:100]:
        saying = Message.objects.filter(conversation__user=user, content__icontains=query)
        rows = rows.filter(Q(title__icontains=query) | Q(pk__in=saying.values("conversation")))
        newest = saying.filter(conversation=OuterRef("pk")).order_by("-created_at")
        rows = rows.annotate(found_in=Subquery(newest.values("content")[:1]))
    elif wanted.archived:
        rows = rows.exclude(archived_at=None)
    else:
        rows = rows.filter(archived_at=None)
        if wanted.folder_id is not None:
            rows = rows.filter(folder=wanted.folder_id)
    return rows.order_by(F("pinned_at").desc(nulls_last=True), "-updated_at", "id")


def snippet(text: str | None, query: str) -> str:
    """The words around the first place where the query stands; "" where it does not."""
    flat = " ".join((text or "").split())
    at = flat.lower().find(" ".join(query.split()).lower())
    if not query.strip() or at < 0:
        return ""
    start = max(0, at - SNIPPET_BEFORE)
    cut = flat[start : start + SNIPPET_LENGTH]
    return f"{'…' if start else ''}{cut}{'…' if start + SNIPPET_LENGTH < len(flat) else ''}"


def folder_create(*, user: User, name: str) -> ConversationFolder:
    if ConversationFolder.objects.filter(user=user).count() >= MOST_FOLDERS:
        raise Problem(409, _("There can be at most %(most)d folders.") % {"most": MOST_FOLDERS}, code="full")
    return _named(ConversationFolder(user=user), name)


def folder_rename(folder: ConversationFolder, *, name: str) -> ConversationFolder:
    return _named(folder, name)


def folder_delete(folder: ConversationFolder) -> None:
    """The conversations in it stay, in no folder."""
    folder.delete()


def _named(folder: ConversationFolder, name: str) -> ConversationFolder:
    folder.name = " ".join(name.split())
    if not folder.name:
        raise invalid("name", _("Enter a name."))
    if len(folder.name) > 80:
        raise invalid("name", _("A name can have at most %(most)d characters.") % {"most": 80})
    try:
        with transaction.atomic():
            folder.save()
    except IntegrityError:
        raise Problem(409, _("A folder with this name is already there."), code="exists") from None
    return folder


def conversation_organise(
    conversation: Conversation,
    *,
    pinned: bool | None = None,
    archived: bool | None = None,
    folder_id: UUID | None = UNCHANGED,
) -> None:
    """What is not named stays. An archived conversation is not pinned; it comes back on its next question."""
    now = timezone.now()
    if pinned is not None:
        conversation.pinned_at = (conversation.pinned_at or now) if pinned else None
    if archived is not None:
        conversation.archived_at = (conversation.archived_at or now) if archived else None
        conversation.pinned_at = None if archived else conversation.pinned_at
    if folder_id is not UNCHANGED:
        conversation.folder = folder_for(conversation.user, folder_id) if folder_id else None
    conversation.save(update_fields=["pinned_at", "archived_at", "folder"])
