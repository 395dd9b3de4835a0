"""Taking in a whole archive: kept on disk first, unpacked by a worker, every file answered for.

The job's row is the truth: an unpacking that was cut off begins again and skips what is there,
since the same bytes in the same folder are one document.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.services import audit_record
from apps.cabinets.access import folders_for
from apps.cabinets.archives import Member, archive_check, members_of
from apps.cabinets.hints import unpack_hint
from apps.cabinets.messages import sentence
from apps.cabinets.models import Folder, Role
from apps.cabinets.services.folders import folder_ensure_path
from apps.cabinets.services.names import clean_filename
from apps.cabinets.services.originals import file_discard_if_unused, file_store
from apps.cabinets.services.uploads import document_register
from apps.core.models import Job
from apps.core.problems import Problem
from apps.rag.errors import ParseError

KIND = "import"
STALE = timedelta(minutes=3)  # without a word from its worker: it died
TELL_SECONDS = 1.0
BLOCK = 1024 * 1024
MOST_SENTENCE = 300
State = Job.State


def archive_path(job_id: UUID) -> Path:
    return settings.DATA_DIR / "imports" / f"{job_id}.zip"


def import_start(*, by: User, folder: Folder, archive: UploadedFile) -> Job:
    """Keep the archive and queue its unpacking. Raises Problem 413, 415, 422 for what is not a sound zip."""
    name = archive.name or ""
    if not name.lower().endswith(".zip"):
        raise Problem(415, _("Only zip archives can be unpacked here."), code="unsupported")
    job = Job(
        kind=KIND,
        owner=by,
        stage="unpack",
        detail={"folder_id": str(folder.pk), "filename": name[:250]},
    )
    path = archive_path(job.pk)
    try:
        _keep(archive, path)
        total = len(members_of(archive_check(path)))
        if not total:
            raise Problem(422, _("There is no file in the archive."), code="empty")
        job.detail["files"] = total
        with transaction.atomic():
            job.save(force_insert=True)
            audit_record(by, action="import.start", target=folder, detail={"archive": name[:250]})
            transaction.on_commit(lambda: unpack_hint(job.pk))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return job


def _keep(archive: UploadedFile, path: Path) -> None:
    limit = settings.MAX_ARCHIVE_MB * 1024 * 1024
    if (archive.size or 0) > limit:
        raise Problem(
            413,
            _("The archive is larger than %(most)d MB.") % {"most": settings.MAX_ARCHIVE_MB},
            code="too_large",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for chunk in archive.chunks():
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def imports_waiting() -> list[UUID]:
    """Jobs that nobody has, or whose worker has been silent for too long."""
    silent = Q(state=State.RUNNING, updated_at__lt=timezone.now() - STALE)
    found = Job.objects.filter(Q(state=State.QUEUED) | silent, kind=KIND).order_by("created_at")
    return list(found.values_list("pk", flat=True)[:100])


def import_unpack(job_id: UUID) -> bool:
    """Unpack one archive. False when another worker is at it or it is done."""
    if job_id not in imports_waiting():
        return False
    silent = Q(state=State.RUNNING, updated_at__lt=timezone.now() - STALE)
    taken = Job.objects.filter(Q(state=State.QUEUED) | silent, pk=job_id, kind=KIND)
    if not taken.update(state=State.RUNNING, updated_at=timezone.now()):
        return False
    job = Job.objects.select_related("owner").get(pk=job_id)
    with translation.override(job.owner.language or settings.LANGUAGE_CODE):
        try:
            _unpack(job)
        except Problem as problem:
            _end(job, State.FAILED, {"code": problem.code, "message": str(problem.detail)})
        except (OSError, zipfile.BadZipFile) as error:
            _end(
                job,
                State.FAILED,
                {"code": "internal", "message": sentence("internal"), "detail": repr(error)[:500]},
            )
            raise
    return True


def _unpack(job: Job) -> None:
    """Rights are asked when it begins, as they are then."""
    folder = folders_for(job.owner, role=Role.CONTRIBUTOR).filter(pk=job.detail["folder_id"]).first()
    path = archive_path(job.pk)
    if folder is None or not path.exists():
        raise Problem(404, _("The folder or the archive is no longer there."), code="gone")
    members = members_of(archive_check(path))
    results: list[dict[str, str]] = []
    told = monotonic()
    with zipfile.ZipFile(path) as archive:
        for number, member in enumerate(members, start=1):
            results.append(_take(archive, member, by=job.owner, root=folder))
            if monotonic() - told > TELL_SECONDS:
                told = monotonic()
                Job.objects.filter(pk=job.pk).update(
                    progress=round(number / len(members), 3),
                    result=_summary(results),
                    updated_at=timezone.now(),
                )
                connection.close()
    job.result = _summary(results)
    _end(job, State.PARTIAL if job.result["rejected"] else State.SUCCEEDED, None)


def _end(job: Job, state: str, error: dict[str, str] | None) -> None:
    Job.objects.filter(pk=job.pk).update(
        state=state, stage="", progress=1, result=job.result, error=error, updated_at=timezone.now()
    )
    archive_path(job.pk).unlink(missing_ok=True)


def _summary(results: list[dict[str, str]]) -> dict[str, object]:
    """{files, accepted, existing, rejected, items: [{path, status, document_id | code, message}]}."""
    count = [item["status"] for item in results].count
    return {
        "files": len(results),
        "accepted": count("accepted"),
        "existing": count("existing"),
        "rejected": count("rejected"),
        "items": list(results),
    }


def _take(archive: zipfile.ZipFile, member: Member, *, by: User, root: Folder) -> dict[str, str]:
    """One file's outcome; a fault of one never stops the others."""
    try:
        if member.fault:
            raise Problem(422, _reason(member.fault), code=member.fault)
        return _accept(archive, member, by=by, root=root)
    except Problem as problem:
        code, message = problem.code or "invalid", _words(problem)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        code, message = "corrupt", sentence("corrupt")
    return {"path": member.path, "status": "rejected", "code": code, "message": message[:MOST_SENTENCE]}


def _accept(archive: zipfile.ZipFile, member: Member, *, by: User, root: Folder) -> dict[str, str]:
    from apps.rag.parsing.sniff import media_type_for

    filename = clean_filename(member.name)
    stored = file_store(_blocks(archive, member))
    try:
        media_type = media_type_for(filename, stored.head)
        folder = folder_ensure_path(by=by, root=root, path=member.folder)
    except (ParseError, Problem) as error:
        file_discard_if_unused(stored.sha256)
        if isinstance(error, Problem):
            raise
        raise Problem(415, sentence(error.code), code=error.code) from error
    document, created = document_register(
        by=by, folder=folder, filename=filename, media_type=media_type, stored=stored
    )
    return {
        "path": member.path,
        "status": "accepted" if created else "existing",
        "document_id": str(document.pk),
    }


def _blocks(archive: zipfile.ZipFile, member: Member) -> Iterator[bytes]:
    with archive.open(member.info) as file:
        while block := file.read(BLOCK):
            yield block


def _words(problem: Problem) -> str:
    return str(problem.detail or " ".join(error["message"] for error in problem.errors))


def _reason(fault: str) -> str:
    if fault == "bad_name":
        return _("The name of this file in the archive is not one that can be kept.")
    if fault == "link":
        return _("A link in an archive is not followed.")
    return sentence(fault)
