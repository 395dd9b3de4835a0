"""Turns: a question and the row that its answer will be saved in, each in its place in the tree.

The question is saved first; an answer begins as `streaming`, and the branch that it is on is the shown one.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import UUIDField
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.chat.branches import Tree, shown_leaf, tree_of
from apps.chat.models import Conversation, Message
from apps.chat.services import LONGEST_QUESTION
from apps.core.prepared import Many, Prepared
from apps.core.problems import Problem, invalid

HISTORY_MESSAGES = 40  # that are read; how many of them fit is decided by count, see apps/rag/prompts.py
TITLE_LENGTH = 60
MOST_MODELS = 3
Status, Role, Basis = Message.Status, Message.Role, Message.Basis


@dataclass(frozen=True, slots=True)
class Turn:
    """`history` is what was said on this branch before the question, oldest first; `summary` that of what
    is older, where there is one."""

    question: Message
    answer: Message
    history: list[dict[str, str]]
    summary: str = ""


@transaction.atomic
def turn_begin(
    conversation: Conversation, *, content: str, models: Sequence[str], edit_of: Message | None = None
) -> list[Turn]:
    """Save the question and an answer for each model (an empty name: without one). It follows the shown
    branch, or stands beside `edit_of`, a question. Raises Problem 422 for a question that is empty or too long."""
    content = _checked(content)
    if edit_of is not None and edit_of.role != Role.USER:
        raise Problem(409, _("Only a question can be asked in other words."), code="not_a_question")
    tree = tree_of(conversation)
    parent = edit_of.parent_id if edit_of else shown_leaf(conversation, tree)
    now = timezone.now()
    question = Message(
        conversation=conversation, parent_id=parent, role=Role.USER, content=content, created_at=now
    )
    compared = uuid.uuid4() if len(models) > 1 else None
    answers = [
        _answer_row(question, model, at=now + timedelta(milliseconds=place), compared=compared)
        for place, model in enumerate(models, start=1)
    ]
    Message.objects.bulk_create([question, *answers])
    Conversation.objects.filter(pk=conversation.pk).update(
        updated_at=now, archived_at=None, title=conversation.title or _title(content), leaf=answers[0]
    )
    history, summary = history_before(question, tree=tree)
    return [Turn(question, answer, history, summary) for answer in answers]


@transaction.atomic
def turn_repeat(answer: Message, *, model: str, basis: str = Basis.DOCUMENTS) -> Turn:
    """Answer the same question anew, beside the old answer."""
    question = answer.parent
    if answer.role != Role.ASSISTANT or question is None:
        raise Problem(409, _("Only an answer can be made anew."), code="not_an_answer")
    if answer.status == Status.STREAMING:
        raise Problem(409, _("This answer is still being written."), code="streaming")
    renewed = _answer_row(question, model, at=timezone.now(), basis=basis)
    renewed.save(force_insert=True)
    Conversation.objects.filter(pk=question.conversation_id).update(leaf=renewed)
    return Turn(question, renewed, *history_before(question))


def turn_continue(answer: Message) -> Turn:
    """Let an answer go on that was cut off by its length or broke off. Raises Problem 409 for any other."""
    if answer.role != Role.ASSISTANT or answer.parent is None:
        raise Problem(409, _("Only an answer can be continued."), code="not_an_answer")
    if answer.status == Status.STREAMING:
        raise Problem(409, _("This answer is still being written."), code="streaming")
    if not can_continue(answer):
        raise Problem(409, _("This answer is whole. Ask a further question instead."), code="whole")
    taken = Message.objects.filter(pk=answer.pk, status=answer.status).update(
        status=Status.STREAMING, error_code="", finish_reason="", updated_at=timezone.now()
    )
    if not taken:
        raise Problem(409, _("This answer is still being written."), code="streaming")
    return Turn(answer.parent, answer, *history_before(answer.parent))


def can_continue(answer: Message) -> bool:
    """Words are there, a model wrote them, and they are not all."""
    broken_off = answer.status == Status.INTERRUPTED or answer.finish_reason == "length"
    return bool(answer.model and answer.content.strip() and broken_off)


def history_before(question: Message, *, tree: Tree | None = None) -> tuple[list[dict[str, str]], str]:
    """What was said on the branch above a question, and the summary of what is older than that."""
    keys, summary = _after_summary(question, tree or tree_of(question.conversation))
    rows = _SAID(keys=keys[-HISTORY_MESSAGES:]) if keys else []
    said = {pk: (role, content) for pk, role, content in rows}
    ordered = [said[key] for key in keys if key in said and said[key][1]]
    return [{"role": role, "content": content} for role, content in ordered], summary


_SAID = Prepared(
    lambda keys: (
        Message.objects.filter(pk__in=keys)
        .exclude(status=Status.STREAMING)
        .order_by()
        .values_list("pk", "role", "content")
    ),
    keys=Many(UUIDField()),
)


def history_keys(message: Message) -> list[UUID]:
    """The messages on the branch above this one, oldest first, after those that are summarised."""
    return _after_summary(message, tree_of(message.conversation))[0]


def _after_summary(message: Message, tree: Tree) -> tuple[list[UUID], str]:
    conversation = message.conversation
    keys = tree.path(message.parent_id)
    if conversation.summary_upto not in keys:
        return keys, ""
    return keys[keys.index(conversation.summary_upto) + 1 :], conversation.summary


def _answer_row(
    question: Message, model: str, *, at: datetime, compared: UUID | None = None, basis: str = Basis.DOCUMENTS
) -> Message:
    return Message(
        conversation_id=question.conversation_id, parent=question, role=Role.ASSISTANT, status=Status.STREAMING,
        model=model, created_at=at, compared=compared, basis=basis,
    )  # fmt: skip


def _checked(content: str) -> str:
    content = content.strip()
    if not content:
        raise invalid("content", _("Enter a question."))
    if len(content) > LONGEST_QUESTION:
        message = _(
            "A question can have at most %(most)d characters; this one has %(count)d. Upload long texts as a document."
        )
        raise invalid("content", message % {"most": LONGEST_QUESTION, "count": len(content)})
    return content


def _title(content: str) -> str:
    first = content.splitlines()[0].strip()
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1] + "…"
