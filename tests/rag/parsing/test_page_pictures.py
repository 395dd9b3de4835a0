from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from apps.rag.errors import ParseError
from apps.rag.pages import MAX_WIDTH, page_size, render_page
from apps.rag.pictures import frame_size, render_frame
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


def tiff(path: Path, *colours: str, size: tuple[int, int] = (300, 200), dpi: int = 150) -> Path:
    first, *others = (Image.new("RGB", size, colour) for colour in colours)
    first.save(path, save_all=True, append_images=others, dpi=(dpi, dpi))
    return path


def test_each_frame_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    path = tiff(tmp_path / "a.tif", "red", "blue")
    assert opened(render_frame(path, 2, width=100)).getpixel((50, 30)) == (0, 0, 255)
    assert opened(render_frame(path, 1, width=1200)).size == (300, 200), "never larger than it is"
    assert frame_size(path, 1) == (144.0, 96.0), "in points, as its boxes are"


@pytest.mark.parametrize("page", [0, 3])
def test_a_frame_that_is_not_there_is_refused(tmp_path: Path, page: int) -> None:
    with pytest.raises(ParseError):
        render_frame(tiff(tmp_path / "a.tif", "red", "blue"), page, width=100)


def test_a_photograph_stands_upright_as_its_boxes_do(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 200), "white").save(tmp_path / "a.jpg", exif=exif, dpi=(72, 72))
    assert opened(render_frame(tmp_path / "a.jpg", 1, width=100)).size == (100, 200)
    assert frame_size(tmp_path / "a.jpg", 1) == (200.0, 400.0)


def test_a_picture_that_is_too_large_to_decode_here_is_refused(tmp_path: Path) -> None:
    Image.new("1", (10_000, 8_000)).save(tmp_path / "a.png")
    with pytest.raises(ParseError, match="pixels"):
        render_frame(tmp_path / "a.png", 1, width=100)


def test_a_damaged_picture_is_said_to_be_so(tmp_path: Path) -> None:
    whole = tiff(tmp_path / "a.tif", "red").read_bytes()
    (tmp_path / "b.tif").write_bytes(whole[:200])
    with pytest.raises(ParseError):
        render_frame(tmp_path / "b.tif", 1, width=100)
