"""Files that are proofread: taken in, read in the background, and written out as people decided."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.assistants.providers import chat_models
from apps.core.models import Job
from apps.core.problems import Problem
from apps.office import jobs
from apps.office.files.docx.writing import Change, clean, tracked
from apps.office.files.extracting import OLD, as_word, extracted, kind_of_file
from apps.office.files.keeping import folder_of, reading_delete
from apps.office.hints import work_hint
from apps.office.model_layer import read_with_model
from apps.office.models import ProofFinding, Proofreading
from apps.office.proofreading import engine
from apps.office.proofreading.merging import merge
from apps.office.reading import Asked, checked, examine, keep

MOST_MEGABYTES = 20
MOST_FILES = 50  # of one person; older ones go
TEXT = "text.txt"
State = ProofFinding.State


def file_start(*, by: User, upload: UploadedFile, asked: Asked) -> Proofreading:
    """Keep the file and queue its reading. Raises Problem 413, 415 or 422."""
    name = PurePath((upload.name or "").replace("\\", "/")).name[:255]
    kind = kind_of_file(name)
    if (upload.size or 0) > MOST_MEGABYTES * 1024 * 1024:
        raise Problem(
            413, _("The file is larger than %(most)d MB.") % {"most": MOST_MEGABYTES}, code="too_large"
        )
    if not upload.size:
        raise Problem(422, _("The file is empty."), code="empty")
    checked("", asked)
    row = Proofreading(owner=by, filename=name, media_type=kind, options=asked.as_json())
    folder = folder_of(row.pk)
    folder.mkdir(parents=True)
    with (folder / f"source.{kind}").open("wb") as target:
        for part in upload.chunks():
            target.write(part)
    with transaction.atomic():
        job = row.job = Job.objects.create(
            kind=jobs.FILE, owner=by, stage="read", detail={"proofreading_id": str(row.pk)}
        )
        row.save()
        transaction.on_commit(lambda: work_hint(job.pk))
    for old in (
        Proofreading.objects.filter(owner=by).exclude(filename="").order_by("-created_at")[MOST_FILES:]
    ):
        reading_delete(old)
    return row


def asked_for(row: Proofreading) -> Asked:
    options = row.options
    return Asked(
        language=options["language"], engines=options["engines"], profile=options["profile"], kind=options["kind"],
        cabinet_ids=options["cabinet_ids"], false_alarms=options["false_alarms"],
    )  # fmt: skip


def file_do(job: Job) -> None:
    """Read the file; the chat model reads with the others, since nobody waits at the screen."""
    row = Proofreading.objects.select_related("owner").get(pk=job.detail["proofreading_id"])
    asked = asked_for(row)
    _as_word(row)
    text, layout = extracted(folder_of(row.pk) / f"source.{row.media_type}", row.media_type)
    (folder_of(row.pk) / TEXT).write_text(text, "utf-8", "surrogatepass", newline="")
    jobs.job_step(job, stage="proofread", progress=0.3)
    draft, report = examine(row.owner, text, asked, layout=layout)
    found = report.findings
    if "model" in asked.wanted:
        report.engines["model"] = engine.UNAVAILABLE
        if models := chat_models():
            jobs.job_step(job, stage="model", progress=0.6)
            more, report.engines["model"] = read_with_model(models[0], draft, closed=[])
            found = merge([*found, *more])
    with transaction.atomic():
        row.findings.all().delete()
        keep(row, draft, found)
        row.language, row.kind, row.engines = report.language, report.kind, report.engines
        row.fingerprint = report.fingerprint
        row.save()
    jobs.job_end(job, result=results_of(row))


def _as_word(row: Proofreading) -> None:
    """An old Word file is one of today from here on, so that it can be written back."""
    if row.media_type in OLD.values():
        as_word(folder_of(row.pk) / f"source.{row.media_type}", row.media_type)
        row.media_type = "docx"
        row.save(update_fields=["media_type"])


def kept_text(row: Proofreading) -> str:
    """What was read of the file; nothing before it was."""
    path = folder_of(row.pk) / TEXT
    return path.read_bytes().decode("utf-8", "surrogatepass") if path.exists() else ""


def results_of(row: Proofreading) -> dict[str, object]:
    base = f"/api/v1/proofread/files/{row.pk}"
    found: dict[str, object] = {
        "proofreading_id": str(row.pk),
        "report_url": f"{base}/report.json",
        "report_page_url": f"{base}/report.html",
    }
    if row.media_type == "docx":
        found |= {"tracked_url": f"{base}/tracked.docx", "clean_url": f"{base}/clean.docx"}
    return {**found, "findings": row.findings.count()}


def tracked_docx(row: Proofreading) -> bytes:
    """Open and accepted findings as tracked changes with a comment each; hints as comments alone."""
    return tracked(_source(row), [_change(one, is_clean=False) for one in _of_interest(row)])


def clean_docx(row: Proofreading) -> bytes:
    """With what was accepted, and what is open, sure and has one repair."""
    usable = [
        one
        for one in _of_interest(row)
        if one.state == State.ACCEPTED or (one.fixable and one.severity == "error")
    ]
    return clean(_source(row), [_change(one, is_clean=True) for one in usable])


def _of_interest(row: Proofreading) -> Iterable[ProofFinding]:
    return row.findings.filter(state__in=[State.OPEN, State.ACCEPTED]).order_by("offset")


def _change(finding: ProofFinding, *, is_clean: bool) -> Change:
    value: str | None = finding.chosen or next((entry["value"] for entry in finding.suggestions), None)
    if finding.operation == "flag" or (finding.severity == "info" and finding.state != State.ACCEPTED):
        value = None
    said = "" if is_clean else "：".join(part for part in (finding.message, finding.explanation) if part)
    return Change(finding.offset, finding.offset + finding.length, value, said)


def _source(row: Proofreading) -> bytes:
    """Raises Problem 409 before it was read, and for what is no Word file."""
    if row.media_type != "docx":
        raise Problem(409, _("Only Word files are written back."), code="read_only")
    if row.job is not None and row.job.state != Job.State.SUCCEEDED:
        raise Problem(409, _("The file has not been read yet."), code="not_ready")
    return (folder_of(row.pk) / "source.docx").read_bytes()
