"""Shapes of the REST contract for conversations and messages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from apps.assistants.parameters import Parameters
from apps.chat.messages import sentence
from apps.chat.models import Conversation, Message, MessageSource


class AskParameters(Parameters):
    """`reasoning` is for models that have such a switch."""

    reasoning: Literal["auto", "on", "off"] | None = None


class ListFilters(Schema):
    q: str = Field("", max_length=200)
    folder_id: UUID | None = None
    archived: bool = False


class Scope(Schema):
    """Places that are searched together; nothing chosen is all that the person may read. `as_of`: as it was in
    force on that day."""

    cabinet_ids: list[UUID] = Field([], max_length=1000)
    folder_ids: list[UUID] = Field([], max_length=1000)
    document_ids: list[UUID] = Field([], max_length=1000)
    as_of: date | None = None


class ConversationIn(Schema):
    title: str = Field("", max_length=200)
    cabinet_ids: list[UUID] = Field([], max_length=1000)
    scope: Scope | None = None  # in place of cabinet_ids
    assistant_id: UUID | None = None


class ConversationPatch(Schema):
    title: str | None = Field(None, max_length=200)
    cabinet_ids: list[UUID] | None = Field(None, max_length=1000)
    scope: Scope | None = None
    assistant_id: UUID | None = None  # null: none
    pinned: bool | None = None
    archived: bool | None = None
    folder_id: UUID | None = None  # of the caller's own conversation folders; null takes it out
    rewrites: bool | None = None  # may questions be put in other words before searching


class SourceOut(Schema):
    number: int
    chunk_id: UUID
    document_id: UUID | None
    title: str
    page: int | None = Field(alias="page_start")
    quote: str
    cited: bool


class MessageOut(Schema):
    """`parent_id` is the question of an answer, or the answer that a question follows; `siblings` are the
    messages that stand in the same place, in the order they were made, this one among them."""

    id: UUID
    parent_id: UUID | None
    siblings: list[UUID]
    role: Literal["user", "assistant"]
    status: Literal["streaming", "complete", "interrupted", "error"]
    content: str
    reasoning: str
    model: str
    basis: Literal["documents", "general"]
    found: bool | None
    searched_for: list[str] = Field(alias="searched")
    compared: UUID | None
    preferred: bool
    finish_reason: str
    error: dict[str, str] | None
    usage: dict[str, int]
    timings_ms: dict[str, int]
    citations: list[SourceOut]
    checks: list[dict[str, Any]]
    rating: str
    created_at: datetime

    @staticmethod
    def resolve_error(message: Message) -> dict[str, str] | None:
        if not message.error_code:
            return None
        return {"code": message.error_code, "message": sentence(message.error_code)}

    @staticmethod
    def resolve_citations(message: Message) -> list[Any]:
        """Of a document that was withdrawn or may no longer be read only the number is told."""
        readable: set[int] = message.readable_sources  # type: ignore[attr-defined]
        cited = [source for source in message.sources.all() if source.cited]
        return [source if source.pk in readable else _withheld(source) for source in cited]


def _withheld(source: MessageSource) -> MessageSource:
    return MessageSource(number=source.number, chunk_id=source.chunk_id, cited=True)


class ConversationOut(Schema):
    id: UUID
    title: str
    cabinet_ids: list[UUID]
    scope: Scope
    assistant_id: UUID | None
    folder_id: UUID | None
    pinned: bool
    archived: bool
    rewrites: bool
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_scope(conversation: Conversation) -> dict[str, Any]:
        kept = {name: value for name, value in conversation.scope.items() if value}
        return kept | {"cabinet_ids": [cabinet.pk for cabinet in conversation.cabinets.all()]}

    @staticmethod
    def resolve_pinned(conversation: Conversation) -> bool:
        return conversation.pinned_at is not None

    @staticmethod
    def resolve_archived(conversation: Conversation) -> bool:
        return conversation.archived_at is not None

    @staticmethod
    def resolve_cabinet_ids(conversation: Conversation) -> list[UUID]:
        return [cabinet.pk for cabinet in conversation.cabinets.all()]


class ConversationDetail(ConversationOut):
    messages: list[MessageOut] = Field(alias="shown_messages")


class ConversationList(Schema):
    items: list[ConversationOut]
    next_cursor: str | None


class QuestionIn(Schema):
    content: str = Field(..., max_length=200_000)
    model: str = Field("", max_length=200)
    parameters: AskParameters = AskParameters()
    cabinet_ids: list[UUID] | None = Field(None, max_length=1000)
    document_ids: list[UUID] | None = Field(None, max_length=1000)  # of this question alone
    scope: Scope | None = None  # remembered, in place of cabinet_ids
    edit_of: UUID | None = None
    stream: bool = True
    keep: bool = False


class CompareIn(Schema):
    content: str = Field(..., max_length=200_000)
    models: list[str] = Field(..., min_length=1, max_length=10)
    parameters: AskParameters = AskParameters()
    cabinet_ids: list[UUID] | None = Field(None, max_length=1000)
    document_ids: list[UUID] | None = Field(None, max_length=1000)
    scope: Scope | None = None
    edit_of: UUID | None = None


class ComparedAnswer(Schema):
    message_id: UUID
    model: str


class ComparedOut(Schema):
    conversation_id: UUID
    answers: list[ComparedAnswer]


class OnIn(Schema):
    parameters: AskParameters = AskParameters()
    stream: bool = True
    keep: bool = False


class AgainIn(OnIn):
    model: str = Field("", max_length=200)
    basis: Literal["documents", "general"] = "documents"


class FeedbackIn(Schema):
    """`reason` is kept with a rating down only; an empty rating takes all of it back."""

    rating: Literal["up", "down", ""]
    reason: Literal["wrong", "incomplete", "outdated", "sources", "other", ""] = ""
    comment: str = Field("", max_length=2000)
