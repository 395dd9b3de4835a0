"""From a request to what is needed to answer it: rights, scope, history, model. All database work of an
answer's beginning is here, done before the first byte is sent."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import UUID

from django.db import connection

from apps.accounts.models import User
from apps.assistants.providers import ChatModel, chat_model, client_for
from apps.cabinets.searching import location, passage_url, search_scope
from apps.cabinets.selectors import neighbours_of
from apps.cabinets.selectors import search_scope as scope_for
from apps.cabinets.tuning import options_for
from apps.chat import selectors, services
from apps.chat.assisting import Helper, helper_for
from apps.chat.choosing import conversation_choose, scope_for_question
from apps.core.database import release_connection
from apps.rag.languages import detect
from apps.rag.sections import REACH, sources_of
from apps.rag.types import SearchScope, Source


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, ready to be answered without the database. `answer_id_saved` is False for callers
    whose conversation is kept elsewhere (the OpenAI-compatible endpoint)."""

    user: User
    question: str
    history: list[dict[str, str]]
    scope: SearchScope
    model: ChatModel | None
    parameters: dict[str, float | int]
    conversation_id: UUID
    answer_id: UUID
    answer_id_saved: bool = True
    instructions: str = ""  # of the caller, beside our rules
    started: float = field(default_factory=perf_counter)

    @property
    def model_name(self) -> str:
        return self.model.name if self.model else ""

    @property
    def llm(self):
        return client_for(self.model) if self.model else None

    @property
    def language(self) -> str:
        return "zh" if detect(self.question) == "zh" else "en"

    @property
    def cabinet_count(self) -> int:
        return len(self.scope.cabinet_ids or ())


def ask_in_conversation(
    user: User,
    conversation_id: UUID,
    *,
    content: str,
    model: str = "",
    parameters: dict[str, float | int] | None = None,
    cabinet_ids: Collection[UUID] | None = None,
    document_ids: Collection[UUID] | None = None,
    scope: dict[str, Any] | None = None,
) -> Ask:
    """`scope` as for choosing.conversation_choose; it is remembered."""
    started = perf_counter()
    try:
        conversation = selectors.conversation_for(user, conversation_id)
        if cabinet_ids is not None:
            services.conversation_set_cabinets(conversation, user=user, cabinet_ids=cabinet_ids)
        if scope is not None:
            conversation_choose(conversation, user=user, **scope)
        helper = helper_for(user, conversation)
        chosen = chat_model(model or conversation.model or helper.model)
        searched = scope_for_question(
            user, conversation, document_ids=document_ids, default_cabinets=helper.cabinet_ids
        )
        turn = services.turn_begin(conversation, content=content, model=chosen.name if chosen else "")
        return _ask(user, turn, searched, chosen, helper, parameters, started)
    finally:
        connection.close()  # under ASGI it would stay taken until the stream ends


def ask_again(
    user: User, message_id: UUID, *, model: str = "", parameters: dict[str, float | int] | None = None
) -> Ask:
    started = perf_counter()
    try:
        message = selectors.message_for(user, message_id)
        helper = helper_for(user, message.conversation)
        chosen = chat_model(model or message.conversation.model or helper.model)
        scope = scope_for_question(user, message.conversation, default_cabinets=helper.cabinet_ids)
        turn = services.turn_repeat(message, model=chosen.name if chosen else "")
        return _ask(user, turn, scope, chosen, helper, parameters, started)
    finally:
        connection.close()


def ask_once(
    user: User,
    *,
    content: str,
    history: Sequence[dict[str, str]],
    cabinet_ids: Collection[UUID] | None,
    model: str = "",
    parameters: dict[str, float | int] | None = None,
    instructions: str = "",
) -> Ask:
    """A question whose conversation the caller keeps; nothing of it is saved here."""
    try:
        return Ask(
            user=user,
            question=content,
            history=list(history),
            scope=scope_for(user, cabinet_ids=cabinet_ids),
            model=chat_model(model),
            parameters=parameters or {},
            conversation_id=uuid.uuid4(),
            answer_id=uuid.uuid4(),
            answer_id_saved=False,
            instructions=instructions,
        )
    finally:
        connection.close()


def _ask(
    user: User,
    turn: services.Turn,
    scope: SearchScope,
    model: ChatModel | None,
    helper: Helper,
    parameters: dict[str, float | int] | None,
    started: float,
) -> Ask:
    return Ask(
        user=user,
        question=turn.question.content,
        history=turn.history,
        scope=scope,
        model=model,
        parameters={**helper.parameters, **(parameters or {})},
        conversation_id=turn.answer.conversation_id,
        answer_id=turn.answer.pk,
        instructions=helper.instructions,
        started=started,
    )


def find_sources(ask: Ask) -> tuple[Source, ...]:
    """The numbered passages for a question, each with what stands around it where a model will read it.
    Raises StoreError."""
    try:
        found = search_scope(ask.user, ask.question, ask.scope, options=options_for(ask.scope)).passages
        if ask.model is None:
            return sources_of(found)  # an answer without a model quotes the passages themselves
        chunks = [passage.chunk for passage in found]
        return sources_of(found, neighbours_of(ask.user, chunks, reach=REACH, as_of=ask.scope.as_of))
    finally:
        release_connection()


def source_items(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Sources in the shape of the REST contract."""
    return [
        {
            "number": source.number,
            "chunk_id": str(source.passage.chunk.id),
            "document_id": str(source.passage.chunk.document_id),
            "title": source.passage.chunk.title,
            "text": source.passage.chunk.text,
            "location": location(source.passage),
            "url": passage_url(source.passage),
        }
        for source in sources
    ]
