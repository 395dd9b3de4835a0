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
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.cabinets import access
from apps.cabinets.models import Document
from apps.chat.models import Conversation, Message, MessageSource
from apps.core.problems import Problem, invalid
from apps.rag.types import Source

LONGEST_QUESTION = 8000
HISTORY_MESSAGES = 12
TITLE_LENGTH = 60
Status, Role = Message.Status, Message.Role


@dataclass(frozen=True, slots=True)
class Turn:
    """One saved question and the row that its answer will be saved in."""

    question: Message
    answer: Message
    history: list[dict[str, str]]


@transaction.atomic
def conversation_create(
    *, user: User, title: str = "", cabinet_ids: Collection[UUID] = (), scope: dict[str, Any] | None = None
) -> Conversation:
    conversation = Conversation.objects.create(user=user, title=title.strip()[:200], scope=scope or {})
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


@transaction.atomic
def turn_begin(conversation: Conversation, *, content: str, model: str) -> Turn:
    """Save the question and an answer that is `streaming`. Raises Problem 422 for a question that is
    empty or too long."""
    content = content.strip()
    if not content:
        raise invalid("content", _("Enter a question."))
    if len(content) > LONGEST_QUESTION:
        message = _(
            "A question can have at most %(most)d characters; this one has %(count)d. Upload long texts as a document."
        )
        raise invalid("content", message % {"most": LONGEST_QUESTION, "count": len(content)})
    history = _history(conversation)
    now = timezone.now()
    question = Message(conversation=conversation, role=Role.USER, content=content, created_at=now)
    answer = _answer_row(conversation, question, model)
    Message.objects.bulk_create([question, answer])
    Conversation.objects.filter(pk=conversation.pk).update(
        updated_at=now, archived_at=None, title=conversation.title or _title(content)
    )
    return Turn(question, answer, history)


@transaction.atomic
def turn_repeat(answer: Message, *, model: str) -> Turn:
    """Answer the same question anew; the old answer is kept, hidden."""
    question = answer.parent
    if answer.role != Role.ASSISTANT or question is None:
        raise Problem(409, _("Only an answer can be made anew."), code="not_an_answer")
    if answer.status == Status.STREAMING:
        raise Problem(409, _("This answer is still being written."), code="streaming")
    Message.objects.filter(pk=answer.pk).update(hidden_at=timezone.now())
    conversation = answer.conversation
    history = _history(conversation, before=question)
    renewed = _answer_row(conversation, question, model)
    renewed.save(force_insert=True)
    return Turn(question, renewed, history)


def _answer_row(conversation: Conversation, question: Message, model: str) -> Message:
    return Message(
        conversation=conversation, parent=question, role=Role.ASSISTANT, status=Status.STREAMING, model=model,
        created_at=max(timezone.now(), question.created_at + timedelta(milliseconds=1)),
    )  # fmt: skip


def _history(conversation: Conversation, *, before: Message | None = None) -> list[dict[str, str]]:
    rows = conversation.messages.filter(hidden_at=None).exclude(content="").exclude(status=Status.STREAMING)
    if before is not None:
        rows = rows.filter(created_at__lt=before.created_at)
    newest = rows.order_by("-created_at").values_list("role", "content")[:HISTORY_MESSAGES]
    return [{"role": role, "content": content} for role, content in reversed(newest)]


def _title(content: str) -> str:
    first = content.splitlines()[0].strip()
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1] + "…"


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
        updated_at=timezone.now(),
    )
    if changed:
        quotes = outcome.quotes or {}
        keys = {source.passage.chunk.document_id for source in sources}
        # A document deleted while the answer was written has no row to point at any more.
        versions = dict(Document.objects.filter(pk__in=keys).values_list("pk", "version"))
        MessageSource.objects.bulk_create(
            [
                _source_row(answer_id, source, quotes, versions)
                for source in sources
                if source.passage.chunk.document_id in versions
            ]
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


def messages_interrupt_stale(*, all_of_them: bool = False) -> int:
    """Close the answers that a stopped process left `streaming` for longer than any answer may take.

    `all_of_them` also takes younger ones: only for the one process there is, at its start."""
    stale = Message.objects.filter(status=Status.STREAMING)
    if not all_of_them:
        limit = timezone.now() - timedelta(seconds=settings.LLM_TIMEOUTS["total_s"] + 120)
        stale = stale.filter(created_at__lt=limit)
    return stale.update(status=Status.INTERRUPTED, error_code="model_interrupted", updated_at=timezone.now())
