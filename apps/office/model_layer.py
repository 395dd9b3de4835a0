"""The chat model's part of a reading, in the background: asked piece by piece, checked, and added."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from apps.assistants.providers import ChatModel, chat_models, client_for
from apps.core.database import release_connection
from apps.core.models import Job
from apps.office import jobs
from apps.office.finding_rows import row_of
from apps.office.hints import work_hint
from apps.office.models import ProofFinding, Proofreading
from apps.office.proofreading import engine
from apps.office.proofreading.merging import noisy_or
from apps.office.proofreading.model_edits import anchored, messages, pieces, proposed
from apps.office.proofreading.spans import Spans, code_spans, title_spans
from apps.office.proofreading.text import Draft
from apps.office.proofreading.types import Finding
from apps.office.words import lexicon_for
from apps.rag.errors import ModelError
from apps.rag.prompts import disarm

logger = logging.getLogger(__name__)
MOST_PIECES = 40


def model_start(row: Proofreading) -> None:
    """Queue the model's part; its job is on the row."""
    job = Job.objects.create(kind=jobs.MODEL, owner=row.owner, detail={"proofreading_id": str(row.pk)})
    row.job = job
    row.save(update_fields=["job"])
    transaction.on_commit(lambda: work_hint(job.pk))


def model_do(job: Job) -> None:
    """Ask, add what is new, and forget the text."""
    row = Proofreading.objects.select_related("owner").filter(pk=job.detail["proofreading_id"]).first()
    models = chat_models()
    if row is None or not row.text:
        jobs.job_end(job, result={})
        return
    draft = engine.make_draft(row.text, language=row.language or "auto", kind=row.kind)
    names = lexicon_for(row.owner).named
    found: list[Finding] = []
    state = engine.UNAVAILABLE
    if models:
        release_connection()
        found, state = read_with_model(models[0], draft, closed=[*names.spans(draft.text)])
    added = add(row, draft, found)
    with transaction.atomic():
        held = Proofreading.objects.select_for_update().get(pk=row.pk)
        held.engines = {**held.engines, "model": state}
        held.text = ""
        held.save(update_fields=["engines", "text"])
    jobs.job_end(job, result={"proofreading_id": str(row.pk), "added": added})


def read_with_model(
    model: ChatModel, draft: Draft, *, closed: Sequence[tuple[int, int]]
) -> tuple[list[Finding], str]:
    """(findings, "done" or "unavailable"). What was answered before a fault counts."""
    spans = Spans([*code_spans(draft.text), *title_spans(draft.text), *closed])
    client = client_for(model)
    language = "en" if draft.language == "en" else "zh"
    found: list[Finding] = []

    parameters: dict[str, Any] = {"temperature": 0, "max_tokens": 2000}
    for start, end in list(pieces(draft))[:MOST_PIECES]:
        try:
            prompt = messages(disarm(draft.text[start:end]), language=language)
            answer = client.complete_blocking(prompt, model=model.name, parameters=parameters).text
        except ModelError as error:
            logger.warning("the model did not proofread: %s", error)
            return found, engine.UNAVAILABLE
        found += anchored(draft, start, end, proposed(answer), closed=spans)
    return found, engine.DONE


def add(row: Proofreading, draft: Draft, found: Sequence[Finding]) -> int:
    """Where another engine said the same, confidence rises; the rest is new. Returns how many are new."""
    known = {(one.offset, one.length, _first(one)): one for one in row.findings.all()}
    number = max((one.number for one in known.values()), default=-1) + 1
    fresh: list[ProofFinding] = []
    with transaction.atomic():
        for finding in found:
            value = finding.suggestions[0].value if finding.suggestions else ""
            same = known.get((finding.offset, finding.length, value))
            if same is None:
                fresh.append(row_of(row, draft, finding, number + len(fresh)))
            elif "model" not in same.engines:
                same.engines = [*same.engines, "model"]
                same.confidence = noisy_or(same.confidence, finding.confidence)
                same.save(update_fields=["engines", "confidence"])
        _name_rivals(fresh, list(known.values()))
        ProofFinding.objects.bulk_create(fresh, batch_size=200)
    return len(fresh)


def _name_rivals(fresh: Sequence[ProofFinding], known: Sequence[ProofFinding]) -> None:
    for finding in fresh:
        for other in known:
            meets = (
                other.offset < finding.offset + finding.length
                and finding.offset < other.offset + other.length
            )
            if meets and other.suggestions and finding.suggestions:
                finding.conflicts.append(str(other.pk))
                other.conflicts = [*other.conflicts, str(finding.pk)]
                other.save(update_fields=["conflicts"])


def _first(row: ProofFinding) -> str:
    return row.suggestions[0]["value"] if row.suggestions else ""
