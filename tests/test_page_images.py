"""Pages of pictures and OFD files are shown like those of a PDF, and a citation opens at its box on them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from apps.cabinets.models import Document
from apps.chat import selectors
from tests.chatting import index_chunks, passages_of
from tests.factories import Api, upload
from tests.rag.parsing.oldfiles import ofd, ofd_text
from tests.test_citation_opening import answered, page

pytestmark = pytest.mark.django_db
TEXT = "年休假为五天。"


def scan() -> bytes:
    stream = io.BytesIO()
    frames = [Image.new("RGB", (400, 600), colour) for colour in ("white", "red")]
    frames[0].save(stream, format="TIFF", save_all=True, append_images=frames[1:], dpi=(72, 72))
    return stream.getvalue()


def ready(people, name: str, content: bytes) -> Document:
    document = upload(people.alice, people.root_folder, name, content)
    index_chunks(document, passages_of(document, TEXT, TEXT + "又一句。", pages=True))
    return document


@pytest.fixture
def picture(people, rag, hints) -> Document:
    return ready(people, "scan.tif", scan())


@pytest.fixture
def invoice(people, rag, hints, tmp_path: Path) -> Document:
    return ready(people, "公文.ofd", ofd(tmp_path / "a.ofd", [ofd_text(TEXT, x=20, y=20)]).read_bytes())


def test_each_frame_has_a_page_image(people, picture):
    bob = Api(people.bob)
    second = bob.get(f"documents/{picture.pk}/pages/2.png", {"width": 160})
    assert second["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(second.content)).convert("RGB").getpixel((5, 5)) == (255, 0, 0)
    assert bob.get(f"documents/{picture.pk}/pages/3.png").status_code == 404
    assert bob.get(f"documents/{picture.pk}/pages/1.svg").status_code == 404
    assert Api(people.charlie).get(f"documents/{picture.pk}/pages/1.png").status_code == 404


def test_an_ofd_page_is_a_drawing_that_can_run_nothing(people, invoice):
    drawn = Api(people.bob).get(f"documents/{invoice.pk}/pages/1.svg")
    assert drawn["Content-Type"] == "image/svg+xml" and TEXT in drawn.content.decode()
    assert (
        "default-src 'none'" in drawn["Content-Security-Policy"]
        and "sandbox" in drawn["Content-Security-Policy"]
    )
    assert Api(people.bob).get(f"documents/{invoice.pk}/pages/1.png").status_code == 404
    assert Api(people.charlie).get(f"documents/{invoice.pk}/pages/1.svg").status_code == 404


def test_a_citation_opens_at_its_box_on_the_picture(people, picture):
    opened = selectors.source_for(people.bob, answered(people.bob, picture, number=1, quote=TEXT).pk, 1)
    assert opened.page_image_url == f"/api/v1/documents/{picture.pk}/pages/1.png"
    assert opened.page_size == (400.0, 600.0)
    assert opened.boxes == [{"page": 1, "left": 12.5, "top": 16.67, "width": 62.5, "height": 16.67}]


def test_a_citation_opens_on_the_drawn_page(people, invoice):
    message = answered(people.bob, invoice, number=1, quote=TEXT)
    assert f"/api/v1/documents/{invoice.pk}/pages/1.svg" in page(people.bob, message).content.decode()


def test_the_document_page_shows_the_frames(people, picture, client):
    client.force_login(people.bob)
    html = client.get(f"/documents/{picture.pk}/").content.decode()
    assert f'src="/api/v1/documents/{picture.pk}/pages/1.png"' in html and 'id="viewer"' in html
