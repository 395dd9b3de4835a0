"""The doctor: silent about what is right, one finding for each thing that is wrong, and mends what it may."""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.conf import settings as conf
from django.core.management import call_command
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import AuditEvent
from apps.cabinets import access
from apps.cabinets.doctor import common, rights
from apps.cabinets.doctor.jobs import examination_nightly, examination_request, examinations_do
from apps.cabinets.models import Chunk, Document, DocumentVersion, Leftover
from apps.cabinets.services.documents import document_move
from apps.cabinets.services.folders import folder_create
from apps.cabinets.tasks import move, sweep
from apps.chat.models import Conversation, Message
from apps.core.doctor import examine
from apps.core.models import Job
from tests.factories import ingest, upload

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timedelta(days=1)


@pytest.fixture(autouse=True)
def looks_in_quick_succession(monkeypatch) -> None:
    monkeypatch.setattr(common, "PAUSE_SECONDS", 0.01)


@pytest.fixture
def document(people, hints, rag) -> Document:
    document = ingest(upload(people.alice, people.root_folder, "rules.md", "# Rules\n\nAsk before you buy."))
    upload(people.alice, people.root_folder, "waits.md", "not read yet")
    assert found() == []
    return document


def found(*, repair: bool = False) -> list[str]:
    return [finding.invariant for finding in examine(repair=repair)]


def details(*, repair: bool = False) -> str:
    return "\n".join(finding.line for finding in examine(repair=repair))


def age(path) -> None:
    old = time.time() - 2 * 86_400
    os.utime(path, (old, old))


def test_a_lost_point_is_found_and_the_document_is_read_again(document, rag):
    rag.store().delete(document.pk)
    assert found() == ["I1"]
    assert "queued again" in details(repair=True)
    ingest(document)
    assert found() == []


def test_points_of_nobody_are_found_and_removed(document, rag):
    Document.objects.filter(pk=document.pk).delete()
    assert "I2" in found()
    found(repair=True)
    assert rag.store().count() == 0


def test_points_of_an_old_generation_are_found_and_removed(document, rag):
    Document.objects.filter(pk=document.pk).update(generation=7, active_generation=7)
    assert set(found()) == {"I1", "I2"}
    Document.objects.filter(pk=document.pk).update(generation=1, active_generation=1)
    assert found() == []


def test_a_move_that_was_cut_off_is_found_and_finished(document, people, rag):
    folder = folder_create(by=people.alice, parent=people.root_folder, name="New")
    document_move(document, by=people.alice, folder=folder)
    assert found() == ["I3"]
    found(repair=True)
    assert rag.store().places(document.pk) == {(document.cabinet_id, folder.pk)}
    assert found() == []


def test_the_sweeper_finishes_a_move_whose_hint_was_lost(document, people, rag, hints):
    folder = folder_create(by=people.alice, parent=people.root_folder, name="New")
    document_move(document, by=people.alice, folder=folder)
    sweep()
    assert rag.store().places(document.pk) == {(document.cabinet_id, folder.pk)}
    assert not Leftover.objects.filter(document=document).exists()


def test_a_move_that_arrived_needs_no_sweep(document, people, rag):
    folder = folder_create(by=people.alice, parent=people.root_folder, name="New")
    document_move(document, by=people.alice, folder=folder)
    move(str(document.pk))
    assert found() == []


def test_a_gate_that_opens_too_far_is_found(document, people, monkeypatch):
    assert rights.oracle(people.bob, document)
    assert not rights.oracle(people.charlie, document)
    everything = Document.objects.exclude(status="deleting")
    monkeypatch.setattr(access, "visible_documents", lambda user, **options: everything)
    assert "user charlie: sees document" in details()


def test_a_search_that_ignores_rights_is_found(document, people, monkeypatch):
    from apps.cabinets import selectors

    whole = selectors.search_scope(people.alice)
    monkeypatch.setattr(selectors, "search_scope", lambda user, **options: whole)
    monkeypatch.setattr(
        selectors, "passages_for_hits", lambda user, hits: {row.pk: row for row in Chunk.objects.all()}
    )
    assert "user charlie: finds document" in details()


def test_dead_leases_and_waiting_documents_are_handed_out(document, hints):
    old = timezone.now() - LONG_AGO
    Document.objects.filter(pk=document.pk).update(
        status="processing", lease_token=uuid4(), lease_until=old, updated_at=old
    )
    Document.objects.filter(status="queued").update(queued_at=old, updated_at=old)
    assert found() == ["I5", "I5"]
    hints.clear()
    assert found(repair=True) == ["I5", "I5"]
    assert len(hints) == 2
    ingest(document)
    assert document.status == "ready"


def test_bytes_that_were_altered_or_lost_are_found(document):
    path = document.file_path
    kept = path.read_bytes()
    path.write_bytes(b"something else")
    assert "I6" in found()
    path.unlink()
    assert found() == ["I7"]
    path.write_bytes(kept)
    DocumentVersion.objects.filter(document=document).update(size=1)
    assert found() == ["I6"]
    found(repair=True)
    assert found() == []


def test_files_without_rows_are_removed_after_a_grace(document):
    name = "ab" * 32
    orphan = conf.FILES_DIR / name[:2] / name
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"no row came")
    partial = conf.FILES_DIR / ".cut-off.part"
    partial.write_bytes(b"half")
    preview = conf.PARSED_DIR / "aa" / str(uuid4())
    preview.mkdir(parents=True)
    scratch = conf.SCRATCH_DIR / str(uuid4())
    scratch.mkdir(parents=True)
    assert found() == []
    for path in (orphan, partial, preview, scratch):
        age(path)
    assert found() == ["I7"] * 4
    found(repair=True)
    assert not any(path.exists() for path in (orphan, partial, preview, scratch))
    assert document.file_path.exists()


def test_a_file_that_is_not_ours_is_said_and_left(document):
    stranger = document.file_path.with_name("README")
    stranger.write_text("an administrator's note")
    age(stranger)
    assert found(repair=True) == ["I7"]
    assert stranger.exists()


def test_rows_of_an_old_generation_are_found_and_removed(document):
    row = document.chunks.get()
    Chunk.objects.create(id=uuid4(), document=document, generation=9, index=0, text=row.text)
    assert found() == ["I8"]
    Document.objects.filter(pk=document.pk).update(generation=9)
    Chunk.objects.filter(generation=9).update(generation=0)
    assert "I8" in found()


def test_an_answer_that_never_ends_is_closed(document, people):
    thread = Conversation.objects.create(user=people.alice)
    message = Message.objects.create(conversation=thread, role="assistant", status="streaming")
    assert found() == []
    Message.objects.filter(pk=message.pk).update(updated_at=timezone.now() - LONG_AGO)
    assert found() == ["I10"]
    found(repair=True)
    assert found() == []


def test_a_missing_audit_row_is_found(document):
    gone = QuerySet(AuditEvent).filter(action="document.upload", target_id=str(document.pk))
    gone.delete()
    assert set(found()) == {"I11"}
    assert "no audit row says document.upload" in details()


def test_a_check_that_cannot_be_made_is_a_finding_and_the_others_go_on(document, settings):
    settings.DOCTOR_CHECKS = {"I1": "apps.nowhere.check", "I7": settings.DOCTOR_CHECKS["I7"]}
    document.file_path.unlink()
    assert found() == ["I1", "I7"]


def test_the_command_says_lines_and_ends_with_its_status(document, rag):
    out = StringIO()
    call_command("doctor", stdout=out)
    assert out.getvalue().splitlines()[-1].endswith("0 wrong, 0 mended")
    document.file_path.unlink()
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (ended.value.code, told["healthy"]) == (1, False)
    assert [finding["invariant"] for finding in told["findings"]] == ["I7"]


def test_an_examination_that_was_asked_for_is_done_once(document, people):
    job = examination_request(by=people.root, repair=False)
    assert examinations_do() == 1
    assert examinations_do() == 0
    job.refresh_from_db()
    assert (job.state, job.result["healthy"]) == (Job.State.SUCCEEDED, True)


def test_one_examination_a_night(document, people, monkeypatch):
    night = timezone.localtime().replace(hour=4, minute=0)
    monkeypatch.setattr(timezone, "localtime", lambda: night)
    first = examination_nightly()
    Job.objects.filter(pk=first.pk).update(created_at=night)
    assert examination_nightly() is None
    assert Job.objects.get(kind="doctor").detail == {"repair": False}
