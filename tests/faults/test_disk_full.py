"""A disk that is full while a file is read: the reason is said, nothing half stays, and with room again it is read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.cabinets.models import Document
from apps.cabinets.services.ingestion import document_requeue
from apps.core.doctor import examine
from tests.factories import Api, ingest, upload

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "# Rules\n\n" + "\n\n".join(f"## Part {number}\n\nRule {number} holds. " * 3 for number in range(4000))
NUMBERS_ASIDE = "I11"  # the test database counts on across tests


@pytest.fixture
def tiny(settings, tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB under the folder in which files are read."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a tmpfs")
    settings.SCRATCH_DIR = folder
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True, timeout=60)


def work(document: Document) -> Document:
    """One attempt, without the pause before it."""
    Document.objects.filter(pk=document.pk).update(not_before=None)
    return ingest(document)


def test_a_full_disk_while_reading_is_said_and_mended(people, rag, hints, settings, tmp_path, tiny):
    document = upload(people.alice, people.root_folder, "rules.md", TEXT)
    document = work(document)
    assert (document.status, document.error_code) == ("queued", "disk_full"), "it is tried again"
    document = work(work(document))
    assert document.status == "failed"
    shown = Api(people.alice, language="zh-CN").get(f"documents/{document.pk}").json()
    assert "磁盘已满" in shown["error"]["message"] and shown["error"]["retryable"]
    assert list(tiny.iterdir()) == [], "nothing half is left on it"
    settings.SCRATCH_DIR = tmp_path / "roomy"
    document = work(document_requeue(document, by=people.alice))
    assert (document.status, document.error_code) == ("ready", "")
    assert [one.line for one in examine() if one.invariant != NUMBERS_ASIDE] == []
