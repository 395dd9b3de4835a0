"""Changes to golden questions. Who may make them is decided by the caller through the gate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.cabinets.access import visible_documents
from apps.cabinets.models import Cabinet
from apps.core.problems import Problem, invalid
from apps.quality.judging import digest
from apps.quality.models import GoldenQuestion, GoldenTarget
from apps.quality.selectors import documents_named, name_of

MOST_QUESTIONS = 2000  # of a cabinet
MOST_TARGETS = 20
MOST_WORDS = 20
LONGEST_QUESTION, LONGEST_TEXT, LONGEST_WORD = 2000, 5000, 200
Origin = GoldenQuestion.Origin


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a question is and what is right. Documents by id or by name; a name that is not there yet is kept."""

    question: str
    answer: str = ""
    passage: str = ""
    words: Sequence[str] = ()
    unanswerable: bool = False
    document_ids: Collection[UUID] = ()
    names: Sequence[str] = field(default_factory=tuple)


@transaction.atomic
def question_create(
    *, by: User, cabinet: Cabinet, wanted: Expectation, origin: str = Origin.TYPED
) -> GoldenQuestion:
    """Raises Problem 422 for what makes no sense, 409 where the cabinet has this question already."""
    if cabinet.golden_questions.count() >= MOST_QUESTIONS:
        raise Problem(
            409, _("A cabinet can have at most %(most)d questions.") % {"most": MOST_QUESTIONS}, code="full"
        )
    made = GoldenQuestion(cabinet=cabinet, created_by=by, origin=origin)
    _fill(made, wanted)
    _refuse_twice(made)
    made.save(force_insert=True)
    _aim(made, by=by, wanted=wanted)
    audit_record(
        by, action="golden.create", target=made, detail={"cabinet": str(cabinet.pk), "origin": origin}
    )
    return made


@transaction.atomic
def question_update(question: GoldenQuestion, *, by: User, wanted: Expectation) -> GoldenQuestion:
    """As a whole; the origin stays."""
    _fill(question, wanted)
    _refuse_twice(question)
    question.save()
    question.targets.all().delete()
    _aim(question, by=by, wanted=wanted)
    audit_record(by, action="golden.update", target=question, detail={"cabinet": str(question.cabinet_id)})
    return question


@transaction.atomic
def question_delete(question: GoldenQuestion, *, by: User) -> None:
    audit_record(by, action="golden.delete", target=question, detail={"cabinet": str(question.cabinet_id)})
    question.delete()


def _fill(question: GoldenQuestion, wanted: Expectation) -> None:
    text = " ".join(wanted.question.replace("\0", "").split())
    if not any(char.isalnum() for char in text):
        raise invalid("question", _("Enter a question."))
    if len(text) > LONGEST_QUESTION:
        raise invalid(
            "question", _("A question can have at most %(most)d characters.") % {"most": LONGEST_QUESTION}
        )
    for name in ("answer", "passage"):
        if len(getattr(wanted, name)) > LONGEST_TEXT:
            raise invalid(name, _("At most %(most)d characters.") % {"most": LONGEST_TEXT})
    words = [word for word in (raw.replace("\0", "").strip() for raw in wanted.words) if word]
    if len(words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in words):
        raise invalid(
            "words",
            _("At most %(most)d words of %(length)d characters.")
            % {"most": MOST_WORDS, "length": LONGEST_WORD},
        )
    if wanted.unanswerable and (wanted.document_ids or wanted.names):
        raise invalid("unanswerable", _("What cannot be answered names no document."))
    if not wanted.unanswerable and not (wanted.document_ids or wanted.names):
        raise invalid("documents", _("Name the document that answers it, or mark it as unanswerable."))
    question.question, question.digest = text, digest(text)
    question.answer = wanted.answer.replace("\0", "").strip()
    question.passage = wanted.passage.replace("\0", "").strip()
    question.words, question.unanswerable = words, wanted.unanswerable


def _refuse_twice(question: GoldenQuestion) -> None:
    same = GoldenQuestion.objects.filter(cabinet_id=question.cabinet_id, digest=question.digest)
    if same.exclude(pk=question.pk).exists():
        raise Problem(409, _("This question is in the list already."), code="exists")


def _aim(question: GoldenQuestion, *, by: User, wanted: Expectation) -> None:
    """Only documents of the cabinet that the person sees; ids that are not are refused."""
    keys = list(dict.fromkeys(wanted.document_ids))
    names = [name for name in dict.fromkeys(wanted.names) if name.strip()]
    if len(keys) + len(names) > MOST_TARGETS:
        raise invalid("documents", _("At most %(most)d documents.") % {"most": MOST_TARGETS})
    seen = visible_documents(by).filter(cabinet=question.cabinet_id).select_related("folder").in_bulk(keys)
    if len(seen) < len(keys):
        raise invalid("documents", _("A document is not in this cabinet."))
    rows = [GoldenTarget(question=question, document=seen[key], name=name_of(seen[key])) for key in keys]
    there = documents_named(question.cabinet, names)
    for name in names:
        if len(name) > 1300:
            raise invalid("documents", _("The name of a document is too long."))
        if there.get(name) is None or there[name].pk not in seen:
            rows.append(GoldenTarget(question=question, document=there.get(name), name=name))
    for position, row in enumerate(rows):
        row.position = position
    GoldenTarget.objects.bulk_create(rows)
