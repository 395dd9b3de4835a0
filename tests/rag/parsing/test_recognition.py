from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from apps.rag.errors import ParseError
from apps.rag.parsing.ocr import engine, rapid, session, tesseract
from apps.rag.parsing.ocr.line import Line
from apps.rag.parsing.ocr.pictures import parse_picture
from apps.rag.parsing.ocr.session import Budget, begin
from apps.rag.parsing.ofd.document import parse_ofd
from apps.rag.parsing.pdf.document import parse_pdf
from apps.rag.sandbox import ParserPool
from tests.rag.parsing.files import Pdf, find, source, texts
from tests.rag.parsing.oldfiles import ofd

SENTENCE = "The annual leave of every employee is fifteen days."


class Reader:
    """An engine of the same interface that knows what stands in the picture."""

    name = "reader"

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines, self.seen = list(lines), list[tuple[int, int]]()

    def read(self, image: Any) -> list[Line]:
        assert image.mode == "RGB"
        self.seen.append(image.size)
        return self.lines


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    made = Reader([])
    monkeypatch.setattr(session, "engine", lambda: made)
    monkeypatch.setattr(session, "engine_name", lambda: made.name)
    begin(Budget())
    yield made
    begin(Budget())


def picture(text: str = "", *, size: tuple[int, int] = (800, 200)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((30, 70), text, font=ImageFont.load_default(32), fill="black")
    return image


def scan(path: Path, pages: int = 1, *, stamp: str = "") -> Path:
    from reportlab.lib.utils import ImageReader

    drawn = Pdf(path)
    for _ in range(pages):
        drawn.canvas.drawImage(ImageReader(picture()), 0, 0, Pdf.WIDTH, Pdf.HEIGHT)
        if stamp:
            drawn.line(stamp, y=800, font="Helvetica")
        drawn.page()
    drawn.save()
    return path


def test_recognised_lines_are_joined_and_their_boxes_are_in_points(tmp_path: Path, reader: Reader) -> None:
    scale = 200 / 72
    reader.lines = [
        Line(
            "各单位应当按照本办法的规定办理公文，", (72 * scale, 100 * scale, 400 * scale, 112 * scale), 0.99
        ),
        Line("不得拖延。", (72 * scale, 115 * scale, 150 * scale, 128 * scale), 0.98),
    ]
    document = parse_pdf(scan(tmp_path / "a.pdf"))
    assert texts(document) == ["各单位应当按照本办法的规定办理公文，不得拖延。"]
    box = document.elements[0].box
    assert box is not None and (box.page, box.x0, box.y0, box.x1, box.y1) == (1, 72, 100, 400, 128)
    assert reader.seen[0] == pytest.approx((1654, 2339), abs=1)  # 200 dpi
    assert "识别" in document.warnings[0]


def test_only_pages_without_a_sound_text_layer_are_recognised(tmp_path: Path, reader: Reader) -> None:
    from reportlab.lib.utils import ImageReader

    reader.lines = [Line("From the picture.", (10, 10, 300, 40), 0.9)]
    path = tmp_path / "a.pdf"
    drawn = Pdf(path)
    drawn.lines(["A page with a text layer of its own, which nobody has to recognise."], y=100)
    drawn.page()
    drawn.lines(
        ["\u00d6\u00d0\u00b9\u00fa\u00c8\u00cb\u00c3\u00f1\u00b9\u00b2\u00ba\u00cd\u00b9\u00fa"], y=100
    )
    drawn.page()
    drawn.canvas.drawImage(ImageReader(picture()), 0, 0, Pdf.WIDTH, Pdf.HEIGHT)
    drawn.line("Scanned by a program", y=800, font="Helvetica")
    drawn.save()
    document = parse_pdf(path)
    assert [element.page for element in document.elements] == [1, 2, 3]
    assert texts(document)[1:] == ["From the picture."] * 2
    assert len(reader.seen) == 2 and "2–3" in document.warnings[0]


def test_pages_over_the_budget_are_named(tmp_path: Path, reader: Reader) -> None:
    reader.lines = [Line("Read.", (10, 10, 300, 40), 0.9)]
    begin(Budget(pages=2))
    document = parse_pdf(scan(tmp_path / "a.pdf", pages=5))
    assert len(reader.seen) == 2 and document.page_count == 5
    assert any("3–5" in warning and "未识别" in warning for warning in document.warnings)


def test_time_that_is_used_up_ends_recognition(tmp_path: Path, reader: Reader) -> None:
    begin(Budget(wall=0))
    with pytest.raises(ParseError) as caught:
        parse_pdf(scan(tmp_path / "a.pdf"))
    assert caught.value.code == "no_text" and not reader.seen


def test_where_it_is_not_allowed_another_child_is_asked_for(tmp_path: Path, reader: Reader) -> None:
    begin(None)
    for parse, path in ((parse_pdf, scan(tmp_path / "a.pdf")), (parse_picture, tmp_path / "a.png")):
        picture().save(tmp_path / "a.png")
        with pytest.raises(ParseError) as caught:
            parse(path)
        assert caught.value.code == "needs_ocr"


def test_frames_of_a_tiff_are_pages_sized_by_the_resolution(tmp_path: Path, reader: Reader) -> None:
    reader.lines = [Line("甲", (200, 100, 400, 150), 0.9)]
    path = tmp_path / "a.tiff"
    picture().save(path, save_all=True, append_images=[picture()], dpi=(200, 200))
    document = parse_picture(path)
    assert document.page_count == 2 and document.page_sizes == ((288.0, 72.0), (288.0, 72.0))
    box = document.elements[1].box
    assert box is not None and (box.page, box.x0, box.y0) == (2, 72.0, 36.0)


def test_a_photograph_is_turned_upright_and_transparent_ground_is_white(
    tmp_path: Path, reader: Reader
) -> None:
    reader.lines = [Line("甲", (0, 0, 10, 10), 0.9)]
    exif = Image.Exif()
    exif[0x0112] = 6
    picture().save(tmp_path / "a.jpg", exif=exif)
    parse_picture(tmp_path / "a.jpg")
    Image.new("RGBA", (50, 40), (0, 0, 0, 0)).save(tmp_path / "b.png")
    parse_picture(tmp_path / "b.png")
    assert reader.seen == [(200, 800), (50, 40)]


def test_a_scan_inside_an_ofd_is_recognised_where_it_is_shown(tmp_path: Path, reader: Reader) -> None:
    stream = io.BytesIO()
    picture(size=(1000, 1000)).save(stream, "PNG")
    reader.lines = [Line("红头文件", (100, 100, 500, 150), 0.9)]
    path = ofd(
        tmp_path / "a.ofd",
        ['<ofd:ImageObject ID="2" ResourceID="5" Boundary="10 20 190 250"/>'],
        common="<ofd:DocumentRes>Res.xml</ofd:DocumentRes>",
        parts={
            "Doc_0/Res.xml": '<ofd:Res xmlns:ofd="x" BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="5">'
            "<ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>",
            "Doc_0/Res/a.png": stream.getvalue(),
        },
    )
    box = find(parse_ofd(path), "红头文件").box
    assert box is not None and box.x0 == pytest.approx((10 + 19) * 72 / 25.4, abs=0.2)


def test_a_picture_is_read_by_the_engine_in_a_child_of_its_own(tmp_path: Path) -> None:
    if engine.engine_name() is None:
        pytest.skip("no engine is installed")
    path = tmp_path / "a.png"
    picture(SENTENCE).save(path)
    pool = ParserPool(size=1, preload=False)
    try:
        prepared = pool.prepare(source(path), workdir=tmp_path)
    finally:
        pool.close()
    assert "".join(texts(prepared.document)[0].split()) == "".join(SENTENCE.split())
    assert prepared.chunks[0].boxes


@pytest.mark.parametrize(
    ("upright", "turned", "read"),
    [
        ([0.97] * 9 + [0.4], [], 9),  # one that is doubtful is left out, and nothing is turned for it
        ([0.7] * 3, [0.97] * 3, 3),  # a page on its head
        ([0.3] * 3, [0.2] * 3, 0),
        ([], [], 0),
    ],
)
def test_lines_are_turned_only_where_a_page_is_read_badly(upright, turned, read) -> None:
    class Engine(rapid.RapidOcr):
        def __init__(self) -> None:
            self.asked: list[bool] = []

        def _lines(self, pixels: Any, *, turning: bool) -> list[Line]:
            self.asked.append(turning)
            return [Line("文", (0, 0, 1, 1), score) for score in (turned if turning else upright)]

    engine = Engine()
    assert len(engine.read(picture())) == read
    assert engine.asked == ([False, True] if turned else [False])


def test_lines_of_a_page_are_looked_for_in_a_smaller_one_and_small_pictures_are_enlarged() -> None:
    assert rapid.finding(2338, 1654) == ("max", 1216)
    assert rapid.finding(1654, 2338) == ("max", 1216)
    assert rapid.finding(400, 300) == ("min", 736)
    assert rapid.finding(200, 2000) == ("min", 736), "a strip would be too low"


def test_the_table_of_tesseract_becomes_lines() -> None:
    head = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
    rows = [
        "4\t1\t1\t1\t1\t0\t10\t10\t200\t20\t-1\t",
        "5\t1\t1\t1\t1\t1\t10\t10\t40\t20\t90\t文件",
        "5\t1\t1\t1\t1\t2\t52\t12\t40\t20\t80\t管理",
        "5\t1\t1\t1\t1\t3\t100\t10\t60\t18\t88\tv2",
        "5\t1\t1\t1\t2\t1\t10\t40\t60\t18\t5\tnoise",
    ]
    lines = list(tesseract.lines_of("\n".join([head, *rows])))
    assert [(line.text, line.box) for line in lines] == [("文件管理 v2", (10, 10, 160, 32))]
    assert lines[0].score == pytest.approx(0.86)
