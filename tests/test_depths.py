"""First the text layer, within seconds; then recognition and tables, behind everything that is fresh."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone, translation

from apps.cabinets.models import Document
from apps.cabinets.queue import next_document
from apps.cabinets.services.ingestion import document_ingest, document_ingest_next, document_requeue
from apps.cabinets.services.leases import lease_take, lease_take_next, leases_expire
from apps.cabinets.services.queueing import document_cancel
from apps.cabinets.views.status import status_line
from tests.factories import Api, ingest, upload
from tests.rag.parsing.files import Pdf
from tests.test_ingestion import assert_whole, found

pytestmark = pytest.mark.django_db(transaction=True)
Status, Depth = Document.Status, Document.Depth
PICTURED = "The lighthouse is painted red."


def tables(path: Path, pages: int = 22) -> bytes:
    """More ruled pages than a first look reads."""
    drawn = Pdf(path)
    for number in range(pages):
        drawn.line(f"Allowances of the year {2000 + number}.", y=80, font="Helvetica")
        drawn.grid([["City", "Limit"], [f"Town {number}", f"{600 + number}"]], x=72, y=100)
        drawn.page()
    drawn.save()
    return path.read_bytes()


def with_picture(path: Path, *, text: str = "Travel above 3,000 yuan needs a signature.") -> bytes:
    """A page of text and a page that is a picture of one line."""
    from PIL import Image, ImageDraw, ImageFont
    from reportlab.lib.utils import ImageReader

    image = Image.new("RGB", (800, 200), "white")
    ImageDraw.Draw(image).text((30, 70), PICTURED, font=ImageFont.load_default(32), fill="black")
    drawn = Pdf(path)
    if text:
        drawn.line(text, y=80, font="Helvetica")
        drawn.page()
    drawn.canvas.drawImage(ImageReader(image), 40, 400, 500, 125)
    drawn.page()
    drawn.save()
    return path.read_bytes()


@pytest.fixture
def basic(people, hints, rag, tmp_path) -> Document:
    """Served as basic; its second look waits."""
    return ingest(upload(people.alice, people.root_folder, "limits.pdf", tables(tmp_path / "t.pdf")))


def shown(person, document: Document) -> dict:
    return Api(person).get(f"documents/{document.pk}").json()


def test_many_tables_are_read_in_a_second_look_that_replaces_the_first(basic, people, hints, rag):
    assert ("ingest", str(basic.pk)) in hints[1:]
    answer = shown(people.bob, basic)
    assert (answer["status"], answer["depth"], answer["deepening"], answer["progress"]) == (
        "ready", "basic", True, 1,
    )  # fmt: skip
    assert (answer["queue_position"], answer["error"], answer["searchable"]) == (None, None, True)
    assert found(people.bob, "Allowances of the year")
    assert not any("| Town 3 | 603 |" in chunk.text for chunk in basic.chunks.all())
    full = ingest(basic)
    assert (full.status, full.depth, full.deepening, full.priority) == (Status.READY, Depth.FULL, False, 0)
    assert full.active_generation > 1
    assert any("| Town 3 | 603 |" in chunk.text for chunk in full.chunks.all())
    assert_whole(full, rag)
    answer = shown(people.bob, full)
    assert (answer["status"], answer["depth"], answer["deepening"]) == ("ready", "full", False)


def test_few_tables_are_read_at_once(people, hints, rag, tmp_path):
    document = upload(people.alice, people.root_folder, "limits.pdf", tables(tmp_path / "t.pdf", 2))
    document = ingest(document)
    assert (document.status, document.depth) == (Status.READY, Depth.FULL)
    assert any("| Town 1 | 601 |" in chunk.text for chunk in document.chunks.all())


def test_a_picture_among_pages_is_found_after_the_second_look(people, hints, rag, tmp_path):
    pytest.importorskip("rapidocr")
    document = upload(people.alice, people.root_folder, "a.pdf", with_picture(tmp_path / "a.pdf"))
    document = ingest(document)
    assert (document.shown_status, document.depth) == (Status.READY, Depth.BASIC)
    assert any("signature" in text for text in found(people.bob, "signature"))
    assert any("2" in note and "background" in note for note in document.warnings)
    document = ingest(document)
    assert (document.status, document.depth) == (Status.READY, Depth.FULL)
    assert any("lighthouse" in text for text in found(people.bob, "lighthouse"))
    assert not any("background" in note for note in document.warnings)


def test_a_scan_without_any_text_is_recognised_at_once(people, hints, rag, tmp_path):
    pytest.importorskip("rapidocr")
    document = upload(people.alice, people.root_folder, "a.pdf", with_picture(tmp_path / "a.pdf", text=""))
    document = ingest(document)
    assert (document.status, document.depth, document.error_code) == (Status.READY, Depth.FULL, "")
    assert any("lighthouse" in text for text in found(people.bob, "lighthouse"))


def test_what_is_fresh_comes_before_second_looks(basic, people):
    assert next_document() == basic.pk
    fresh = upload(people.alice, people.root_folder, "note.md", "# Note\n\nA short note.")
    assert next_document() == fresh.pk


def test_one_worker_is_left_to_what_is_fresh(basic, people, settings, tmp_path):
    settings.INGEST_WORKERS = 2
    other = upload(people.alice, people.root_folder, "more.pdf", tables(tmp_path / "m.pdf", 23))
    other = ingest(other)
    assert lease_take(basic.pk)
    assert lease_take_next() is None
    assert document_ingest_next(other.pk) is False, "also when its own hint comes"
    fresh = upload(people.bob, people.root_folder, "note.md", "# Note\n\nA short note.")
    assert lease_take_next().document_id == fresh.pk


def test_a_second_look_that_fails_leaves_the_first_served_and_says_so(basic, people, rag):
    original = basic.file_path.read_bytes()
    basic.file_path.unlink()
    document = ingest(basic)
    assert (document.status, document.depth, document.deepening) == (Status.READY, Depth.BASIC, False)
    assert (document.active_generation, document.error_code) == (1, "")
    assert found(people.bob, "Allowances of the year")
    with translation.override("en"):
        line = status_line(document)
    assert (line.state, line.word) == ("warn", "Ready · basic")
    assert "original" in line.detail and "read again" in line.detail
    with translation.override("zh-hans"):
        assert status_line(document).word == "已入库 · 基本"
        assert "文字层已入库" in document.notes[0]
    document.file_path.write_bytes(original)
    document_requeue(document, by=people.alice)
    for _look in range(2):
        document = ingest(document)
    assert (document.status, document.depth, document.warnings) == (Status.READY, Depth.FULL, [])
    assert_whole(document, rag)


def test_a_worker_that_dies_in_each_second_look_ends_in_the_first_being_served(basic, people, settings):
    for _attempt in range(settings.MAX_ATTEMPTS):
        assert lease_take(basic.pk)
        Document.objects.filter(pk=basic.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        leases_expire()
    basic.refresh_from_db()
    assert (basic.status, basic.depth, basic.deepening, basic.lease_token) == (
        Status.READY, Depth.BASIC, False, None,
    )  # fmt: skip
    assert len(basic.warnings) == 1
    assert found(people.bob, "Allowances of the year")


def test_a_second_look_can_be_cancelled(basic, people):
    lease = lease_take(basic.pk)
    document = document_cancel(basic, by=people.alice)
    assert (document.status, document.depth, document.active_generation) == (Status.READY, Depth.BASIC, 1)
    assert not lease._held().exists()
    assert document_ingest(basic.pk) is False


def test_lists_count_it_as_ready(basic, people):
    bob = Api(people.bob)
    listed = {
        status: [item["id"] for item in bob.get("documents", {"status": status}).json()["items"]]
        for status in ("ready", "queued", "processing")
    }
    assert listed == {"ready": [str(basic.pk)], "queued": [], "processing": []}


def test_a_full_document_is_not_read_worse_in_between(basic, people, rag):
    full = ingest(basic)
    document_requeue(full, by=people.alice)
    again = ingest(full)
    assert (again.status, again.depth, again.deepening) == (Status.READY, Depth.FULL, False)


def test_words_of_the_states(basic, people):
    basic.status, basic.stage, basic.pages_done, basic.pages_total = Status.PROCESSING, "parse", 7, 22
    with translation.override("en"):
        line = status_line(basic)
        assert (line.state, line.word) == ("ready", "Ready · basic")
        assert line.detail.endswith("Page 7 of 22.")
    basic.deepening = False
    with translation.override("zh-hans"):
        assert status_line(basic).word == "解析 7/22 页"
    basic.media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    with translation.override("en"):
        assert status_line(basic).word == "Reading, 7 of 22"
