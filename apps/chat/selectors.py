"""Reads about conversations. A source is opened under the reader's rights of that moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Prefetch, QuerySet, UUIDField
from django.http import Http404

from apps.accounts.models import User
from apps.cabinets.access import visible_documents
from apps.cabinets.models import Chunk, Document
from apps.cabinets.pageimages import has_pages, page_size, page_url
from apps.chat.branches import shown_path, tree_of
from apps.chat.models import Conversation, Message, MessageSource
from apps.core.prepared import Prepared
from apps.rag.errors import ParseError

MAX_MESSAGES = 500


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A citation as it opens now. Boxes are in percent of the page. `document` is None when it was
    withdrawn or may no longer be read; then nothing of its text is here."""

    source: MessageSource
    document: Document | None
    changed: bool = False
    page_image_url: str | None = None
    page_size: tuple[float, float] | None = None
    boxes: list[dict[str, float]] = field(default_factory=list)
    passage_before: str = ""
    passage: str = ""
    quote: str = ""
    passage_after: str = ""


def conversations_of(user: User) -> QuerySet[Conversation]:
    """Those of the person; through a key that is restricted to cabinets, only those that it began, since the
    others may speak of documents elsewhere."""
    rows = Conversation.objects.filter(user=user)
    return rows if user.only_cabinets is None else rows.filter(made_by_key=user.acting_key)


_OWN = Prepared(
    lambda user, key: Conversation.objects.filter(user=user, pk=key).order_by(),
    user=UUIDField(),
    key=UUIDField(),
)


def conversation_for(user: User, conversation_id: UUID) -> Conversation:
    if user.only_cabinets is None:
        found = _OWN.first(user=user.pk, key=conversation_id)
    else:
        found = conversations_of(user).filter(pk=conversation_id).first()
    if found is None:
        raise Http404
    return found


def messages_of(conversation: Conversation) -> list[Message]:
    """The messages of the shown branch in order, with their sources, each with the ids of its `siblings`."""
    sources = Prefetch("sources", queryset=MessageSource.objects.select_related("document__cabinet"))
    tree = tree_of(conversation)
    keys = shown_path(conversation, tree)[-MAX_MESSAGES:]
    rows = Message.objects.filter(pk__in=keys).prefetch_related(sources).in_bulk()
    found = [rows[key] for key in keys if key in rows]
    for message in found:
        message.siblings = tree.siblings(message.pk)  # type: ignore[attr-defined]
    return found


def compared_with(message: Message) -> list[Message]:
    """The answers that stand beside this one until one of them is chosen; nothing where none do."""
    if message.compared is None:
        return []
    group = list(message.conversation.messages.filter(compared=message.compared).order_by("created_at"))
    if any(other.preferred for other in group):
        return []
    for other in group:
        other.siblings = [one.pk for one in group]  # type: ignore[attr-defined]
    return group


def messages_ready(user: User, conversation: Conversation, messages: Collection[Message]) -> None:
    """Give each message what REST tells of it: its siblings, and which of its sources the person may read."""
    tree, readable = tree_of(conversation), readable_sources(user, messages)
    for message in messages:
        message.siblings = tree.siblings(message.pk)  # type: ignore[attr-defined]
        message.readable_sources = readable  # type: ignore[attr-defined]


def readable_sources(user: User, messages: Collection[Message]) -> set[int]:
    """Keys of the sources of these messages whose documents the person may read at this moment."""
    keys = [message.pk for message in messages]
    sources = MessageSource.objects.filter(
        message__in=keys, document__in=visible_documents(user).values("pk")
    )
    return set(sources.values_list("pk", flat=True))


def message_for(user: User, message_id: UUID) -> Message:
    sources = Prefetch("sources", queryset=MessageSource.objects.select_related("document__cabinet"))
    found = (
        Message.objects.filter(conversation__in=conversations_of(user), pk=message_id)
        .prefetch_related(sources)
        .first()
    )
    if found is None:
        raise Http404
    return found


def source_for(user: User, message_id: UUID, number: int) -> OpenedSource:
    return open_source(user, message_for(user, message_id), number)


def open_source(user: User, message: Message, number: int) -> OpenedSource:
    """A source of a message that `user` may read, under the rights that `user` has on its document."""
    source = message.sources.filter(number=number).first()
    if source is None:
        raise Http404
    document = (
        visible_documents(user)
        .select_related("cabinet", "folder")
        .filter(pk__in=[source.document_id])  # None once it was deleted
        .first()
    )
    if document is None:
        return OpenedSource(source, None)
    return _opened(source, document)


def _opened(source: MessageSource, document: Document) -> OpenedSource:
    served = document.active_generation or 0
    chunk = Chunk.objects.filter(pk=source.chunk_id, generation=served).first()
    same_bytes = document.version == source.document_version
    # A passage that is only cut anew from the same bytes has not changed; one that was edited has.
    changed = not same_bytes if chunk is None else chunk.text != source.text
    before, after = _neighbours(chunk)
    start = source.text.find(source.quote) if source.quote else -1
    head, tail = (
        (source.text[:start], source.text[start + len(source.quote) :]) if start >= 0 else (source.text, "")
    )
    image, size, boxes = _page(source, document) if same_bytes else (None, None, [])
    return OpenedSource(
        source=source,
        document=document,
        changed=changed,
        page_image_url=image,
        page_size=size,
        boxes=boxes,
        passage_before=before,
        passage=head,
        quote=source.quote if start >= 0 else "",
        passage_after=tail + after,
    )


def _neighbours(chunk: Chunk | None) -> tuple[str, str]:
    """The end of the chunk before and the beginning of the one after, for context."""
    if chunk is None:
        return "", ""
    near = Chunk.objects.filter(
        document_id=chunk.document_id,
        generation=chunk.generation,
        index__in=[chunk.index - 1, chunk.index + 1],
        enabled=True,
    )
    texts = {row.index: row.text for row in near}
    before, after = texts.get(chunk.index - 1, ""), texts.get(chunk.index + 1, "")
    return (f"{before[-300:]}\n\n" if before else ""), (f"\n\n{after[:300]}" if after else "")


def _page(
    source: MessageSource, document: Document
) -> tuple[str | None, tuple[float, float] | None, list[dict[str, float]]]:
    if not has_pages(document) or source.page_start is None:
        return None, None, []
    page = _page_of_quote(source)
    try:
        width, height = page_size(document, page)
    except (ParseError, OSError):
        return None, None, []
    boxes = [
        {
            "page": page,
            "left": round(100 * x0 / width, 2),
            "top": round(100 * y0 / height, 2),
            "width": round(100 * (x1 - x0) / width, 2),
            "height": round(100 * (y1 - y0) / height, 2),
        }
        for number, x0, y0, x1, y1 in source.boxes
        if int(number) == page
    ]
    return page_url(document, page), (width, height), boxes


def _page_of_quote(source: MessageSource) -> int:
    """A passage may run over a page's end; boxes tell where it begins."""
    return int(source.boxes[0][0]) if source.boxes else source.page_start or 1
