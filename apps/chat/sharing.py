"""Links by which colleagues read a conversation: made, withdrawn, and what each reader sees.

Fail closed: an answer is shown only to a reader who may read, at that moment, every document whose
passages it was written from, cited or not. After an answer that is withheld all later ones are too, since
they were written by a model that had read it. Questions are the words of the person who shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.chat import pages, selectors
from apps.chat.models import Conversation, Message, MessageSource, Share
from apps.core.problems import Problem


@dataclass(frozen=True, slots=True)
class SharedTurn:
    """A turn as one reader sees it; of one that is `withheld` nothing but that it is there."""

    turn: pages.Turn | None
    withheld: bool = False


def share_of(conversation: Conversation) -> Share | None:
    """The link that is open now."""
    return conversation.shares.filter(revoked_at=None).first()


@transaction.atomic
def share_create(conversation: Conversation, *, by: User) -> Share:
    """Open a link, or move the end of the one that is open to now."""
    if not conversation.messages.exists():
        raise Problem(409, _("There is nothing in this conversation yet."), code="empty")
    now = timezone.now()
    share, created = Share.objects.select_for_update().get_or_create(
        conversation=conversation, revoked_at=None, defaults={"through": now}
    )
    if not created:
        share.through = now
        share.save(update_fields=["through"])
    audit_record(by, action="share.create" if created else "share.extend", target=share)
    return share


@transaction.atomic
def share_revoke(conversation: Conversation, *, by: User) -> None:
    share = share_of(conversation)
    if share is None:
        return
    Share.objects.filter(pk=share.pk).update(revoked_at=timezone.now())
    audit_record(by, action="share.revoke", target=share)


def share_for(reader: User, token: str) -> Share:
    """The open share behind a link. One that was withdrawn, or whose owner is gone, is absent."""
    found = (
        Share.objects.select_related("conversation__user")
        .filter(token=token, revoked_at=None, conversation__user__is_active=True)
        .first()
    )
    if found is None or not reader.is_active:
        raise Http404
    return found


def share_opened(share: Share, *, by: User) -> None:
    if by.pk != share.conversation.user_id:
        audit_record(by, action="share.open", target=share)


def shared_messages(share: Share) -> list[Message]:
    messages = selectors.messages_of(share.conversation)
    return [
        message
        for message in messages
        if message.created_at <= share.through and message.status != Message.Status.STREAMING
    ]


def shared_turns(reader: User, share: Share) -> list[SharedTurn]:
    def link(source: MessageSource) -> str:
        return reverse("share-source", args=[share.token, source.message_id, source.number])

    shown: list[SharedTurn] = []
    sealed = False
    for turn in pages.turns(reader, shared_messages(share), link=link):
        sealed = sealed or not readable_whole(turn)
        withheld = sealed and turn.message.role == Message.Role.ASSISTANT
        shown.append(SharedTurn(None, withheld=True) if withheld else SharedTurn(turn))
    return shown


def readable_whole(turn: pages.Turn) -> bool:
    """Whether the reader may read all that this answer was written from."""
    return all(source.visible for source in turn.sources)


def shared_source(reader: User, token: str, message_id: UUID, number: int) -> selectors.OpenedSource:
    """A source of a shared answer that this reader is shown; all else is absent."""
    shown = shared_turns(reader, share_for(reader, token))
    for entry in shown:
        if entry.turn is not None and entry.turn.message.pk == message_id:
            return selectors.open_source(reader, entry.turn.message, number)
    raise Http404
