"""What a conversation searches: the places its owner chose, the day, and what is attached to it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, UUIDField

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.scoping import Choice, Places, places_for, require_places, scope_of
from apps.cabinets.selectors import documents_for
from apps.chat.models import Conversation
from apps.core.prepared import Prepared
from apps.rag.types import SearchScope

MOST_FOUND = 8


_CHOSEN = Prepared(
    lambda conversation: (
        Conversation.cabinets.through.objects.filter(conversation=conversation)
        .order_by()
        .values_list("cabinet", flat=True)
    ),
    conversation=UUIDField(),
)


def choice_of(conversation: Conversation) -> Choice:
    kept: dict[str, Any] = conversation.scope
    return Choice(
        cabinet_ids=_CHOSEN(conversation=conversation.pk),
        folder_ids=[UUID(key) for key in kept.get("folder_ids", [])],
        document_ids=[UUID(key) for key in kept.get("document_ids", [])],
        as_of=date.fromisoformat(kept["as_of"]) if kept.get("as_of") else None,
        attached=conversation.attachments_id,
    )


@transaction.atomic
def conversation_choose(
    conversation: Conversation,
    *,
    user: User,
    cabinet_ids: Collection[UUID],
    folder_ids: Collection[UUID] = (),
    document_ids: Collection[UUID] = (),
    as_of: date | None = None,
) -> None:
    """Remember the choice. Raises Problem 404 for a place that is not the person's."""
    require_places(user, Choice(cabinet_ids, folder_ids, document_ids))
    conversation.cabinets.set(access.cabinets_for(user).filter(pk__in=cabinet_ids))
    conversation.scope = {
        "folder_ids": sorted({str(key) for key in folder_ids}),
        "document_ids": sorted({str(key) for key in document_ids}),
        "as_of": as_of.isoformat() if as_of else "",
    }
    conversation.save(update_fields=["scope"])


def scope_for_question(
    user: User,
    conversation: Conversation,
    *,
    document_ids: Collection[UUID] | None = None,
    default_cabinets: Collection[UUID] = (),
) -> SearchScope:
    """The conversation's choice, else the `default_cabinets` (an assistant's), else all that is the person's.
    `document_ids` are those of this one question, instead of what was chosen."""
    choice = choice_of(conversation)
    if document_ids is not None:
        if not document_ids:
            return SearchScope(document_ids=frozenset())  # none is none, not all
        return scope_of(user, Choice(document_ids=document_ids, as_of=choice.as_of))
    if choice.is_open and default_cabinets:
        choice = Choice(cabinet_ids=default_cabinets, as_of=choice.as_of, attached=choice.attached)
    return scope_of(user, choice)


def shown_places(user: User, conversation: Conversation | None) -> Places:
    """The chosen places by their names; what may no longer be read is left out."""
    return places_for(user, choice_of(conversation)) if conversation else Places()


def find_places(user: User, query: str) -> Places:
    """Cabinets, folders and documents whose names hold the words, some of each."""
    query = query.strip()[:100]
    named = Q(name__icontains=query)
    folders = access.folders_for(user).filter(named, cabinet__personal=False).exclude(parent=None)
    return Places(
        cabinets=list(access.cabinets_for(user).filter(named).order_by("name")[:MOST_FOUND]),
        folders=list(folders.select_related("cabinet").order_by("path")[:MOST_FOUND]),
        documents=list(documents_for(user, query=query).order_by("-updated_at")[:MOST_FOUND]),
    )
