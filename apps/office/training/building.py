"""Training: approved cabinets → texts → n-grams → a model that is served from the next request on.

An administrator says which cabinets are fit to learn from; the nightly training keeps to those. The model holds
counts of four characters, no sentence; erasing it removes its files and its row.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.cabinets.models import Cabinet, Document
from apps.cabinets.services.kept import elements_path
from apps.core.models import Job
from apps.core.problems import Problem
from apps.office import jobs
from apps.office.hints import work_hint
from apps.office.models import ProofreaderModel
from apps.rag.parsing.stored import elements_in

EVERY = timedelta(hours=24)
HELD_OUT, MOST_HELD_OUT = 40, 300  # one line of 40 is not trained from, for measuring
MOST_CHARACTERS = 60_000_000
SHORTEST = 8  # characters of a line


def folder_of(key: UUID) -> Path:
    return Path(settings.DATA_DIR) / "proofreader" / str(key)


def train_start(*, by: User, cabinets: Iterable[Cabinet]) -> ProofreaderModel:
    """Queue a training from these cabinets. Raises Problem 403 for others than administrators, 409 while one
    is under way."""
    if not by.is_superuser:
        raise Problem(403, _("Only administrators may do this."), code="forbidden")
    with transaction.atomic():
        if Job.objects.filter(kind=jobs.TRAIN, state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists():
            raise Problem(409, _("A training is under way already."), code="running")
        job = Job.objects.create(kind=jobs.TRAIN, owner=by, stage="read")
        row = ProofreaderModel.objects.create(job=job, cabinets=[str(cabinet.pk) for cabinet in cabinets])
        job.detail = {"model_id": str(row.pk)}
        job.save(update_fields=["detail"])
        audit_record(by, action="proofreader.train", target=row, detail={"cabinets": row.cabinets})
        transaction.on_commit(lambda: work_hint(job.pk))
    return row


def train_nightly() -> None:
    """Again from the same cabinets, a day after the last time, where documents came or went since."""
    active = ProofreaderModel.objects.filter(active=True).select_related("job__owner").first()
    if active is None or active.job is None or active.created_at > timezone.now() - EVERY:
        return
    latest = _documents(active.cabinets).order_by("-ready_at").values_list("ready_at", flat=True).first()
    owner = active.job.owner
    if latest and latest > active.created_at and owner.is_active and owner.is_superuser:
        train_start(by=owner, cabinets=Cabinet.objects.filter(pk__in=active.cabinets, deleted_at=None))


def train_do(job: Job) -> None:
    row = ProofreaderModel.objects.get(pk=job.detail["model_id"])
    texts, held_out, documents = gathered(row.cabinets)
    jobs.job_step(job, stage="train", progress=0.3)
    train_now(row, texts, held_out=held_out, documents=documents)
    result = {"documents": row.documents, "characters": row.characters, "fingerprint": row.fingerprint}
    jobs.job_end(job, result={**result, "model_id": str(row.pk)})


def train_now(
    row: ProofreaderModel, texts: Sequence[str], *, held_out: Sequence[str], documents: int
) -> None:
    """Train, measure on what was held out, write the files, and serve the model."""
    from apps.office.proofreading.statistics.building import build

    folder = folder_of(row.pk)
    row.fingerprint = build(texts, folder)
    row.characters, row.documents = sum(map(len, texts)), documents
    row.curve = _curve(folder, row.fingerprint, held_out) if texts else []
    with transaction.atomic():
        ProofreaderModel.objects.filter(active=True).update(active=False)
        row.active = True
        row.save()
    forget_others(row)


def _curve(folder: Path, fingerprint: str, held_out: Sequence[str]) -> list[dict[str, float]]:
    from apps.office.proofreading.measuring import false_alarm_curve
    from apps.office.proofreading.statistics.corrector import NgramCorrector
    from apps.office.proofreading.text import Draft

    corrector = NgramCorrector.open(folder, fingerprint=fingerprint, curve=[])
    return false_alarm_curve(
        held_out, lambda text, gain: list(corrector.find(Draft(text), gain=gain, spared=[]))
    )


def forget_others(kept: ProofreaderModel | None) -> None:
    """Rows and files of every other model."""
    others = ProofreaderModel.objects.exclude(pk=kept.pk) if kept else ProofreaderModel.objects.all()
    for row in others.exclude(job__state__in=[Job.State.QUEUED, Job.State.RUNNING]):
        shutil.rmtree(folder_of(row.pk), ignore_errors=True)
        row.delete()


@transaction.atomic
def model_erase(*, by: User) -> int:
    """Forget what was learned. Returns how many models went."""
    count = ProofreaderModel.objects.count()
    audit_record(by, action="proofreader.erase", target=by, detail={"models": count})
    ProofreaderModel.objects.update(active=False)
    forget_others(None)
    return count


def _documents(cabinets: Sequence[Any]) -> Any:
    live = Document.objects.filter(
        cabinet__in=list(cabinets), cabinet__deleted_at=None, cabinet__personal=False
    )
    return live.exclude(active_generation=None).exclude(status=Document.Status.DELETING)


def gathered(cabinets: Sequence[Any]) -> tuple[list[str], list[str], int]:
    """(texts, sentences held out, documents). A line that stands in many documents counts once."""
    seen: set[int] = set()
    texts: list[str] = []
    held: list[str] = []
    documents = characters = 0
    for key, generation in (
        _documents(cabinets).order_by("-ready_at").values_list("pk", "active_generation").iterator()
    ):
        lines = [line for line in _lines(key, generation) if len(line) >= SHORTEST and hash(line) not in seen]
        seen.update(map(hash, lines))
        documents += 1
        fresh = [line for place, line in enumerate(lines) if place % HELD_OUT or len(held) >= MOST_HELD_OUT]
        held += [line for place, line in enumerate(lines) if not place % HELD_OUT][
            : MOST_HELD_OUT - len(held)
        ]
        texts.append("\n".join(fresh))
        characters += len(texts[-1])
        if characters > MOST_CHARACTERS:
            break
    return texts, held, documents


def _lines(key: UUID, generation: int) -> Iterator[str]:
    path = elements_path(key, generation)
    if not path.exists():
        return
    for element in elements_in(path):
        yield from (line.strip() for line in element.text.splitlines())
