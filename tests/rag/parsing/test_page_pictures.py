from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from apps.rag.errors import ParseError
from apps.rag.pages import MAX_WIDTH, page_size, render_page
from tests.rag.parsing.files import Pdf


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    drawn = Pdf(tmp_path / "a.pdf")
    drawn.line("Hello", y=100, font="Helvetica", size=40)
    drawn.page()
    drawn.line("World", y=100, font="Helvetica", size=40)
    drawn.save()
    return tmp_path / "a.pdf"


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    return image


def test_a_page_is_drawn_in_the_width_asked_for(pdf: Path) -> None:
    image = opened(render_page(pdf, 2, width=600))
    assert abs(image.width - 600) <= 1 and abs(image.height - 849) <= 2
    assert len(set(image.convert("L").tobytes())) > 1
    assert page_size(pdf, 1) == (595.0, 842.0)


def test_the_size_is_bounded(pdf: Path, tmp_path: Path) -> None:
    assert opened(render_page(pdf, 1, width=100_000)).width <= MAX_WIDTH + 1
    from reportlab.pdfgen.canvas import Canvas

    tall = Canvas(str(tmp_path / "tall.pdf"), pagesize=(100, 14_000))
    tall.drawString(10, 10, "x")
    tall.save()
    image = opened(render_page(tmp_path / "tall.pdf", 1))
    assert image.width * image.height <= 12_500_000


@pytest.mark.parametrize("page", [0, 3, -1])
def test_a_page_that_is_not_there_is_refused(pdf: Path, page: int) -> None:
    with pytest.raises(ParseError):
        render_page(pdf, page)


def test_threads_may_draw_at_once(pdf: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        pictures = list(threads.map(lambda number: render_page(pdf, number % 2 + 1, width=200), range(12)))
    assert len(set(pictures)) == 2
