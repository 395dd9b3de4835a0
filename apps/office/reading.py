"""Texts read by the proofreader: what is found is kept, so that a person can decide about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.assistants.providers import chat_models
from apps.core.problems import Problem, invalid
from apps.office.facts.looking_up import facts_in, names_for
from apps.office.facts.precedents import with_precedents
from apps.office.finding_rows import row_of
from apps.office.model_layer import model_start
from apps.office.models import ProofFinding, Proofreading
from apps.office.proofreading import engine
from apps.office.proofreading.page_layout import PageLayout
from apps.office.proofreading.text import KINDS, Draft, kind_of
from apps.office.proofreading.types import Finding
from apps.office.training.serving import corrector
from apps.office.words import lexicon_for

MOST_FINDINGS = 2_000
MOST_KEPT = 200  # readings of one person; older ones go
ENGINES = ("rules", "dictionary", "statistics", "facts", "model")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller wants. `engines` None: all; `false_alarms` as engine.Options has it."""

    language: str = "auto"
    engines: Sequence[str] | None = None
    profile: str = "balanced"
    kind: str = ""
    cabinet_ids: Sequence[UUID] | None = None
    false_alarms: float | None = None

    @property
    def wanted(self) -> frozenset[str]:
        return frozenset(ENGINES if self.engines is None else self.engines)

    def as_json(self) -> dict[str, Any]:
        cabinets = None if self.cabinet_ids is None else [str(key) for key in self.cabinet_ids]
        return {
            "language": self.language, "engines": sorted(self.wanted), "profile": self.profile, "kind": self.kind,
            "cabinet_ids": cabinets, "false_alarms": self.false_alarms,
        }  # fmt: skip


@dataclass(slots=True)
class Read:
    """A reading and its findings, in order; `report` is the engine's."""

    proofreading: Proofreading
    findings: list[ProofFinding] = field(default_factory=list)
    summary: dict[str, dict[str, int]] = field(default_factory=dict)


def checked(text: str, asked: Asked) -> None:
    """Raises Problem 413 for a text that is too long, 422 for what is no choice."""
    most = settings.PROOFREAD_CHARACTERS
    if len(text) > most:
        said = _("The text has %(given)d characters; at most %(most)d can be read at once.")
        raise Problem(413, said % {"given": len(text), "most": most}, code="too_large")
    if asked.kind and asked.kind not in KINDS:
        raise invalid("kind", _("A kind of document is one of: %(kinds)s.") % {"kinds": "、".join(KINDS)})


def examine(
    user: User, text: str, asked: Asked, *, layout: PageLayout | None = None
) -> tuple[Draft, engine.Report]:
    """The layers that need no chat model, and the facts of the cabinets that the person may read."""
    checked(text, asked)
    official = bool(asked.kind or kind_of(text))  # the official layout binds no handbook
    draft = engine.make_draft(
        text, language=asked.language, kind=asked.kind, layout=layout if official else None
    )
    wanted = asked.wanted
    found = facts_in(user, draft, cabinet_ids=asked.cabinet_ids) if "facts" in wanted else []
    report = engine.proofread(
        draft,
        words=lexicon_for(user, names=names_for(user, draft)),
        options=engine.Options(asked.profile, wanted, asked.false_alarms),
        corrector=corrector() if "statistics" in wanted else None,
        more=found,
    )
    if "facts" in wanted:
        report.engines["facts"] = engine.DONE
        cited = with_precedents(user, draft, report.findings, cabinet_ids=asked.cabinet_ids)
        report = replace(report, findings=cited)
    return draft, report


def proofread_text(*, by: User, text: str, asked: Asked) -> Read:
    """Read a text now. The chat model's part follows in the background where it is asked for and there."""
    draft, report = examine(by, text, asked)
    waits = "model" in asked.wanted and bool(text.strip()) and bool(chat_models())
    if "model" in asked.wanted:
        report.engines["model"] = engine.PENDING if waits else engine.UNAVAILABLE
    with transaction.atomic():
        row = Proofreading.objects.create(
            owner=by, text=text if waits else "", language=report.language, kind=report.kind,
            options=asked.as_json(), engines=report.engines, fingerprint=report.fingerprint,
        )  # fmt: skip
        findings = keep(row, draft, report.findings)
        forget_old(by)
        if waits:
            model_start(row)
    return Read(row, findings, report.summary)


def keep(row: Proofreading, draft: Draft, found: Sequence[Finding], *, first: int = 0) -> list[ProofFinding]:
    """Write findings down, at most MOST_FINDINGS of them, numbered from `first`."""
    rows = [
        row_of(row, draft, finding, number) for number, finding in enumerate(found[:MOST_FINDINGS], first)
    ]
    for made, finding in zip(rows, found, strict=False):
        made.conflicts = [str(rows[place].pk) for place in finding.conflicts if place < len(rows)]
    return ProofFinding.objects.bulk_create(rows, batch_size=200)


def summary_of(findings: Sequence[ProofFinding]) -> dict[str, dict[str, int]]:
    return {
        "by_category": dict(Counter(one.category for one in findings).most_common()),
        "by_severity": dict(Counter(one.severity for one in findings).most_common()),
    }


def forget_old(user: User) -> None:
    """Readings of texts beyond the last MOST_KEPT, and those whose job has ended."""
    old = Proofreading.objects.filter(owner=user, filename="").order_by("-created_at")
    keys = list(old.values_list("pk", flat=True)[MOST_KEPT : MOST_KEPT + 50])
    if keys:
        Proofreading.objects.filter(pk__in=keys).delete()
