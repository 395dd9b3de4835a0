"""What an assistant adds to a question: instructions, cabinets, model, parameters. Never a right."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.assistants import access
from apps.assistants.models import Assistant
from apps.assistants.prompting import instructions
from apps.chat.models import Conversation
from apps.core.problems import Problem

PREFIX = "assistant:"


@dataclass(frozen=True, slots=True)
class Helper:
    """`cabinet_ids` are all that the assistant names: whether the person may read them is asked when searching,
    so that one who may read none of them finds nothing."""

    instructions: str = ""
    model: str = ""
    parameters: dict[str, float | int] = field(default_factory=dict)
    cabinet_ids: list[UUID] | None = None  # None: it names none


def helper_for(user: User, conversation: Conversation) -> Helper:
    """Raises Problem 409 when the assistant was deleted or is no longer shared with the person."""
    if conversation.assistant_id is None:
        return Helper()
    found = access.assistants_for(user).filter(pk=conversation.assistant_id).first()
    if found is None:
        raise Problem(
            409,
            _("This conversation's assistant is no longer there for you. Choose another, or none."),
            code="assistant_gone",
        )
    return helper_of(found)


def helper_of(assistant: Assistant) -> Helper:
    return Helper(
        instructions=instructions(assistant),
        model=assistant.model,
        parameters=assistant.parameters,
        cabinet_ids=list(assistant.cabinets.values_list("pk", flat=True)) or None,
    )


def conversation_assist(conversation: Conversation, *, user: User, assistant_id: UUID | None) -> None:
    """Choose an assistant, or none. One that is not the person's is absent."""
    conversation.assistant = access.assistant_for(user, assistant_id) if assistant_id else None
    conversation.save(update_fields=["assistant"])


def named_helper(user: User, model: str) -> Helper | None:
    """For OpenAI clients: `assistant:SLUG` as a model; None where the name is of another kind or nobody's."""
    if not model.startswith(PREFIX):
        return None
    found = access.assistants_for(user).filter(slug=model.removeprefix(PREFIX)).first()
    return helper_of(found) if found else None
