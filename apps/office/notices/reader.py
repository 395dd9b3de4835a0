"""The reader test: can somebody who only has this paper answer when, where, who, what to bring, whom to ask?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.office.notices.blueprints import blueprint_named
from apps.office.notices.draft import Draft
from apps.office.notices.fields import field_called

_EITHER = {"deadline": ("deadline", "effective", "time", "period"), "tasks": ("tasks", "agenda"), "decision": ("decision", "agenda"), "period": ("period", "time"), "contact": ("contact", "phone")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """`paragraph` is the place of the paragraph that says it, None where it stands around the text or nowhere."""

    field: str
    question: str
    answer: str = ""
    paragraph: int | None = None

    @property
    def answered(self) -> bool:
        return bool(self.answer)


def reader_test(draft: Draft) -> list[Answer]:
    """Each question of this kind of document, answered from the text as it stands now."""
    plan = blueprint_named(draft.blueprint)
    return [_answer(draft, name) for name in (plan.reader if plan else ())]


def _answer(draft: Draft, name: str) -> Answer:
    field = field_called(name)
    question = str(field.question) if field else name
    for one in _EITHER.get(name, (name,)):
        value = draft.value(one)
        if not value:
            continue
        place = _place(draft, value)
        if place is not None or one in {"contact", "phone"}:
            return Answer(name, question, value, place)
    return Answer(name, question)


def _place(draft: Draft, value: str) -> int | None:
    """The first paragraph that says the value, or its first point."""
    first = re.split("[；、]", value)[0].rstrip("。；;，, ")
    for place, paragraph in enumerate(draft.paragraphs):
        if first and first in paragraph.text:
            return place
    return None
