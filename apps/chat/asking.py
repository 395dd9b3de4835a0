"""From a request to what is needed to answer it: rights, scope, history, model. All database work of an
answer's beginning is here, done before the first byte is sent."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.limits import require_tokens
from apps.accounts.models import User
from apps.assistants.providers import ChatModel, chat_model
from apps.cabinets.selectors import search_scope as scope_for
from apps.chat import selectors, services
from apps.chat.ask import Ask, Basis, Parameters
from apps.chat.assisting import Helper, helper_for
from apps.chat.choosing import conversation_choose, scope_for_question
from apps.chat.models import Conversation, Message
from apps.chat.sourcing import kept_sources
from apps.chat.turns import MOST_MODELS, Turn, turn_begin, turn_continue, turn_repeat
from apps.core.database import close_connection
from apps.core.problems import invalid
from apps.rag.reasoning_switch import switched
from apps.rag.types import SearchScope


def ask_in_conversation(
    user: User, conversation_id: UUID, *, content: str, model: str = "", **more: Any
) -> Ask:
    """A question at the end of the shown branch, or beside another; the rest is as for ask_models."""
    return ask_models(user, conversation_id, content=content, models=[model], **more)[0]


def ask_models(
    user: User,
    conversation_id: UUID,
    *,
    content: str,
    models: Sequence[str],
    parameters: Parameters | None = None,
    cabinet_ids: Collection[UUID] | None = None,
    document_ids: Collection[UUID] | None = None,
    scope: dict[str, Any] | None = None,
    edit_of: UUID | None = None,
) -> list[Ask]:
    """The same question for each of these models (an empty name: the conversation's, else the default).
    `scope` as for choosing.conversation_choose; it is remembered. `edit_of`: the question it stands beside."""
    started = perf_counter()
    try:
        conversation = selectors.conversation_for(user, conversation_id)
        if cabinet_ids is not None:
            services.conversation_set_cabinets(conversation, user=user, cabinet_ids=cabinet_ids)
        if scope is not None:
            conversation_choose(conversation, user=user, **scope)
        base = _base(user, conversation, parameters, started=started, document_ids=document_ids)
        chosen = _chosen(models, conversation.model or base.helper.model)
        edited = _question_of(user, conversation, edit_of) if edit_of else None
        names = [one.name if one else "" for one in chosen]
        turns = turn_begin(conversation, content=content, models=names, edit_of=edited)
        return [base.ask(turn, one) for turn, one in zip(turns, chosen, strict=True)]
    finally:
        close_connection()  # under ASGI it would stay taken until the stream ends


def ask_again(
    user: User,
    message_id: UUID,
    *,
    model: str = "",
    parameters: Parameters | None = None,
    basis: str = Basis.DOCUMENTS,
) -> Ask:
    """The same question once more; with the basis `general` without documents, which needs a model."""
    started = perf_counter()
    try:
        message = selectors.message_for(user, message_id)
        base = _base(user, message.conversation, parameters, started=started)
        chosen = chat_model(model or message.conversation.model or base.helper.model)
        if basis == Basis.GENERAL and chosen is None:
            raise invalid("basis", _("Only a model can answer without documents. There is none."))
        return base.ask(turn_repeat(message, model=chosen.name if chosen else "", basis=basis), chosen)
    finally:
        close_connection()


def ask_on(user: User, message_id: UUID, *, parameters: Parameters | None = None) -> Ask:
    """Let an answer go on that is not whole, by its own model and with the sources that it has."""
    started = perf_counter()
    try:
        message = selectors.message_for(user, message_id)
        chosen = chat_model(message.model)
        base = _base(user, message.conversation, parameters, started=started)
        sources = kept_sources(user, message)
        return base.ask(turn_continue(message), chosen, begun=message.content, sources=sources)
    finally:
        close_connection()


def ask_once(
    user: User,
    *,
    content: str,
    history: Sequence[dict[str, str]],
    cabinet_ids: Collection[UUID] | None,
    model: str = "",
    parameters: Parameters | None = None,
    instructions: str = "",
) -> Ask:
    """A question whose conversation the caller keeps; nothing of it is saved here."""
    try:
        require_tokens(user)
        chosen = chat_model(model)
        return Ask(
            user=user,
            question=content,
            history=list(history),
            scope=scope_for(user, cabinet_ids=cabinet_ids),
            model=chosen,
            parameters=switched(parameters or {}, model=chosen.name if chosen else ""),
            conversation_id=uuid.uuid4(),
            answer_id=uuid.uuid4(),
            answer_id_saved=False,
            instructions=instructions,
        )
    finally:
        close_connection()


def _chosen(models: Sequence[str], default: str) -> list[ChatModel | None]:
    if not 1 <= len(models) <= MOST_MODELS:
        raise invalid("models", _("One to %(most)d models.") % {"most": MOST_MODELS})
    chosen = [chat_model(name or default) for name in models]
    if len({one.name if one else "" for one in chosen}) < len(chosen):
        raise invalid("models", _("Name each model once."))
    return chosen


def _question_of(user: User, conversation: Conversation, message_id: UUID) -> Message:
    question = selectors.message_for(user, message_id)
    if question.conversation_id != conversation.pk:
        raise invalid("edit_of", _("This question belongs to another conversation."))
    return question


@dataclass(frozen=True, slots=True)
class _Base:
    """What all answers of one call have in common."""

    user: User
    helper: Helper
    scope: SearchScope
    parameters: Parameters
    rewrites: bool
    started: float

    def ask(self, turn: Turn, model: ChatModel | None, **more: Any) -> Ask:
        return Ask(
            user=self.user,
            question=turn.question.content,
            history=turn.history,
            summary=turn.summary,
            scope=self.scope,
            model=model,
            parameters=switched(self.parameters, model=model.name if model else ""),
            conversation_id=turn.answer.conversation_id,
            answer_id=turn.answer.pk,
            instructions=self.helper.instructions,
            basis=turn.answer.basis,
            rewrites=self.rewrites,
            started=self.started,
            **more,
        )


def _base(
    user: User,
    conversation: Conversation,
    parameters: Parameters | None,
    *,
    started: float,
    document_ids: Collection[UUID] | None = None,
) -> _Base:
    """Raises Problem 409 where the conversation's assistant is gone, 429 where a limit is reached."""
    require_tokens(user)
    helper = helper_for(user, conversation)
    scope = scope_for_question(
        user, conversation, document_ids=document_ids, default_cabinets=helper.cabinet_ids or ()
    )
    return _Base(
        user, helper, scope, {**helper.parameters, **(parameters or {})}, conversation.rewrites, started
    )
