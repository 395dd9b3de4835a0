"""Conversations and messages: what is saved, and when.

The question is saved first. The answer is saved once more when its stream ends, whatever ended it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import UUIDField
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.models import Document
from apps.chat.models import Conversation, Message, MessageSource
from apps.core.prepared import Many, Prepared
from apps.core.problems import Problem, invalid
from apps.rag.types import Source

LONGEST_QUESTION = 8000
Status, Role = Message.Status, Message.Role


@transaction.atomic
def conversation_create(
    *, user: User, title: str = "", cabinet_ids: Collection[UUID] = (), scope: dict[str, Any] | None = None
) -> Conversation:
    conversation = Conversation.objects.create(
        user=user, made_by_key=user.acting_key, title=title.strip()[:200], scope=scope or {}
    )
    conversation_set_cabinets(conversation, user=user, cabinet_ids=cabinet_ids)
    return conversation


def conversation_set_cabinets(
    conversation: Conversation, *, user: User, cabinet_ids: Collection[UUID]
) -> None:
    """Only cabinets of the person; one that is not is answered as absent."""
    wanted = set(cabinet_ids)
    found = list(access.cabinets_for(user).filter(pk__in=wanted))
    if len(found) != len(wanted):
        raise Problem(404, _("There is nothing here, or it is not yours."), code="not_found")
    conversation.cabinets.set(found)


def conversation_rename(conversation: Conversation, *, title: str) -> None:
    if not (title := title.strip()):
        raise invalid("title", _("Enter a name."))
    conversation.title = title[:200]
    conversation.save(update_fields=["title"])


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended, ready to be saved."""

    status: str
    content: str
    reasoning: str = ""
    model: str = ""
    finish_reason: str = ""
    error_code: str = ""
    usage: dict[str, int] | None = None
    timings_ms: dict[str, int] | None = None
    checks: Sequence[dict[str, Any]] = ()
    quotes: dict[int, str] | None = None  # cited number → quoted sentence of the passage
    found: bool | None = None
    continued: bool = False
    searched: Sequence[str] = ()


def conversation_set_rewrites(conversation: Conversation, *, rewrites: bool) -> None:
    """Whether its questions may be put in other words before searching."""
    conversation.rewrites = rewrites
    conversation.save(update_fields=["rewrites"])


def answer_keep(answer_id: UUID, *, content: str, reasoning: str) -> None:
    """Save the words so far of an answer that is still being written: for readers at other processes, and
    for the case that this one dies."""
    Message.objects.filter(pk=answer_id, status=Status.STREAMING).update(
        content=content, reasoning=reasoning, updated_at=timezone.now()
    )


_VERSIONS = Prepared(
    lambda keys: Document.objects.filter(pk__in=keys).order_by().values_list("pk", "version"),
    keys=Many(UUIDField()),
)


@transaction.atomic
def turn_finish(answer_id: UUID, outcome: Outcome, *, sources: Sequence[Source]) -> None:
    """Save the end of an answer, once: a row that is no longer streaming is left as it is."""
    changed = Message.objects.filter(pk=answer_id, status=Status.STREAMING).update(
        status=outcome.status,
        content=outcome.content,
        reasoning=outcome.reasoning,
        model=outcome.model,
        finish_reason=outcome.finish_reason[:40],
        error_code=outcome.error_code,
        usage=outcome.usage or {},
        timings_ms=outcome.timings_ms or {},
        checks=list(outcome.checks),
        found=outcome.found,
        searched=list(outcome.searched),
        updated_at=timezone.now(),
    )
    if changed:
        quotes = outcome.quotes or {}
        keys = {source.passage.chunk.document_id for source in sources}
        # A document deleted while the answer was written has no row to point at any more.
        versions = dict(_VERSIONS(keys=keys)) if keys else {}
        rows = [
            _source_row(answer_id, source, quotes, versions)
            for source in sources
            if source.passage.chunk.document_id in versions
        ]
        MessageSource.objects.bulk_create(rows, ignore_conflicts=outcome.continued)
        if outcome.continued:  # it has its sources; what it cites beyond before is added
            for number, quote in quotes.items():
                MessageSource.objects.filter(message=answer_id, number=number, cited=False).update(
                    cited=True, quote=quote
                )


def _source_row(
    answer_id: UUID, source: Source, quotes: dict[int, str], versions: dict[UUID, int]
) -> MessageSource:
    chunk = source.passage.chunk
    return MessageSource(
        message_id=answer_id,
        number=source.number,
        document_id=chunk.document_id,
        document_version=versions.get(chunk.document_id, 1),
        chunk_id=chunk.id,
        title=chunk.title[:255],
        text=chunk.text,
        text_sha256=hashlib.sha256(chunk.text.encode()).hexdigest(),
        headings=list(chunk.headings),
        page_start=chunk.page_start,
        page_end=chunk.page_end,
        boxes=[[box.page, box.x0, box.y0, box.x1, box.y1] for box in chunk.boxes],
        sheet=(chunk.sheet or "")[:120],
        cells=(chunk.cells or "")[:60],
        quote=quotes.get(source.number, ""),
        score=source.passage.score,
        cited=source.number in quotes,
    )


@transaction.atomic
def message_prefer(message: Message) -> None:
    """Among compared answers this is the chosen one; any other message is left as it is."""
    if message.compared is None:
        return
    group = Message.objects.filter(conversation=message.conversation_id, compared=message.compared)
    group.update(preferred=False)
    group.filter(pk=message.pk).update(preferred=True)


def messages_interrupt_stale(*, all_of_them: bool = False) -> int:
    """Close the answers that a stopped process left `streaming` for longer than any answer may take.

    `all_of_them` also takes younger ones: only for the one process there is, at its start."""
    stale = Message.objects.filter(status=Status.STREAMING)
    if not all_of_them:
        limit = timezone.now() - timedelta(seconds=settings.LLM_TIMEOUTS["total_s"] + 120)
        stale = stale.filter(updated_at__lt=limit)
    return stale.update(status=Status.INTERRUPTED, error_code="model_interrupted", updated_at=timezone.now())
