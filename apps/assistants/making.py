"""Making, changing, copying and deleting assistants."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.accounts.models import Department, User
from apps.accounts.services import audit_record
from apps.assistants.models import Assistant
from apps.assistants.prompting import LONGEST, instructions
from apps.assistants.providers import chat_model
from apps.cabinets import access as cabinet_access
from apps.core.problems import Problem, invalid

TEXTS = {"description": 300, "role": 1000, "task": 2000, "requirements": 3000, "supplement": 3000}
MOST_EXAMPLES, MOST_QUESTIONS, MOST_ASSISTANTS = 8, 8, 500


@transaction.atomic
def assistant_create(*, by: User, name: str, **fields: Any) -> Assistant:
    """`fields` as for assistant_update."""
    if Assistant.objects.filter(owner=by, deleted_at=None).count() >= MOST_ASSISTANTS:
        raise Problem(409, _("You have as many assistants as one person can."), code="full")
    assistant = Assistant(owner=by, name=_name(name), slug=_free_slug(name))
    assistant.save(force_insert=True)
    _apply(assistant, fields, by=by)
    audit_record(by, action="assistant.create", target=assistant, detail=_reach(assistant))
    return assistant


@transaction.atomic
def assistant_update(assistant: Assistant, *, by: User, **fields: Any) -> Assistant:
    """Set name, the texts, examples, questions, cabinet_ids, model, parameters, everyone and departments (paths);
    what is not named stays. Raises Problem 422."""
    if "name" in fields:
        assistant.name = _name(fields.pop("name"))
    _apply(assistant, fields, by=by)
    audit_record(by, action="assistant.update", target=assistant, detail=_reach(assistant))
    return assistant


@transaction.atomic
def assistant_copy(assistant: Assistant, *, by: User) -> Assistant:
    """One's own copy, shared with nobody, with those cabinets that the copier may read."""
    name = _("Copy of %(name)s") % {"name": assistant.name}
    copied = (
        "description",
        "role",
        "task",
        "requirements",
        "supplement",
        "examples",
        "questions",
        "parameters",
    )
    made = Assistant(owner=by, name=name[:80], slug=_free_slug(name), model=assistant.model)
    for field in copied:
        setattr(made, field, getattr(assistant, field))
    made.save(force_insert=True)
    made.cabinets.set(cabinet_access.cabinets_for(by).filter(pk__in=assistant.cabinets.values("pk")))
    audit_record(by, action="assistant.create", target=made, detail={"copy_of": str(assistant.pk)})
    return made


@transaction.atomic
def assistant_delete(assistant: Assistant, *, by: User) -> None:
    assistant.deleted_at = timezone.now()
    assistant.save(update_fields=["deleted_at"])
    audit_record(by, action="assistant.delete", target=assistant)


def _apply(assistant: Assistant, fields: Mapping[str, Any], *, by: User) -> None:
    for name, longest in TEXTS.items():
        if name in fields:
            setattr(assistant, name, _text(name, fields[name], longest))
    if "examples" in fields:
        assistant.examples = _examples(fields["examples"])
    if "questions" in fields:
        assistant.questions = _questions(fields["questions"])
    if "model" in fields:
        assistant.model = fields["model"].strip()[:200]
        if assistant.model:
            chat_model(assistant.model)  # raises for a name that nobody offers
    if "parameters" in fields:
        assistant.parameters = fields["parameters"]
    if len(instructions(assistant)) > LONGEST:
        raise invalid(
            "requirements",
            _("All instructions together can have at most %(most)d characters.") % {"most": LONGEST},
        )
    assistant.everyone = fields.get("everyone", assistant.everyone)
    assistant.updated_at = timezone.now()
    assistant.save()
    if "cabinet_ids" in fields:
        assistant.cabinets.set(_cabinets(fields["cabinet_ids"], assistant, by))
    if "departments" in fields:
        assistant.departments.set(_departments(fields["departments"], assistant, by))


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise invalid("name", _("Enter a name."))
    if len(name) > 80:
        raise invalid("name", _("A name can have at most %(most)d characters.") % {"most": 80})
    return name


def _text(name: str, text: str, longest: int) -> str:
    text = text.replace("\0", "").strip()
    if len(text) > longest:
        raise invalid(name, _("At most %(most)d characters.") % {"most": longest})
    return text


def _examples(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    kept = [{key: row[key].strip() for key in ("question", "answer")} for row in rows]
    kept = [row for row in kept if row["question"] or row["answer"]]
    if any(not (row["question"] and row["answer"]) for row in kept):
        raise invalid("examples", _("An example is a question and its answer."))
    if len(kept) > MOST_EXAMPLES:
        raise invalid("examples", _("At most %(most)d examples.") % {"most": MOST_EXAMPLES})
    return kept


def _questions(rows: Sequence[str]) -> list[str]:
    kept = list(dict.fromkeys(" ".join(row.split())[:200] for row in rows if row.strip()))
    if len(kept) > MOST_QUESTIONS:
        raise invalid("questions", _("At most %(most)d first questions.") % {"most": MOST_QUESTIONS})
    return kept


def _cabinets(keys: Collection[UUID], assistant: Assistant, by: User) -> list[Any]:
    """Those of the person who changes it; what others put in and this person cannot read stays."""
    mine = cabinet_access.cabinets_for(by)
    chosen = list(mine.filter(pk__in=set(keys)))
    if len(chosen) != len(set(keys)):
        raise Problem(404, _("There is nothing here, or it is not yours."), code="not_found")
    return chosen + list(assistant.cabinets.filter(deleted_at=None).exclude(pk__in=mine.values("pk")))


def _departments(names: Collection[str], assistant: Assistant, by: User) -> list[Department]:
    """One's own departments; administrators may name any."""
    allowed = Department.objects.all() if by.is_superuser else by.departments.all()
    found = {
        row.path: row
        for row in [*allowed.filter(path__in=names), *assistant.departments.filter(path__in=names)]
    }
    for name in names:
        if name not in found:
            raise invalid(
                "departments", _("You are not in the department “%(name)s”.") % {"name": name[:120]}
            )
    return list(found.values())


def _reach(assistant: Assistant) -> dict[str, Any]:
    departments = list(assistant.departments.values_list("path", flat=True))
    return {"everyone": assistant.everyone, "departments": departments}


def _free_slug(name: str) -> str:
    base = slugify(name, allow_unicode=True)[:48] or "assistant"
    return base if not Assistant.objects.filter(slug=base).exists() else f"{base}-{uuid.uuid4().hex[:6]}"
