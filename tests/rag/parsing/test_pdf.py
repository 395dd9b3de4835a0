from __future__ import annotations

from pathlib import Path

import pytest

from apps.rag.errors import ParseError
from apps.rag.parsing.notes import localise
from apps.rag.parsing.ocr import session
from apps.rag.parsing.pdf.document import parse_pdf
from tests.rag.parsing.files import Pdf, find, texts

LEFT = [f"Left column sentence number {index} goes on" for index in range(12)]
RIGHT = [f"Right column sentence number {index} goes on" for index in range(12)]


def test_chinese_lines_join_to_paragraphs_with_headings_and_boxes(tmp_path: Path) -> None:
    pdf = Pdf(tmp_path / "a.pdf")
    pdf.line("安全生产管理办法", x=200, y=80, size=20)
    pdf.line("第一章　总则", y=130, size=11)
    pdf.line("第一条　为了加强安全生产工作，防止和减少生产安全事故，保障人民群众", y=160)
    pdf.line("生命和财产安全，制定本办法。", y=175)
    pdf.line("第二条　本办法适用于全体员工。", y=190)
    pdf.save()
    document = parse_pdf(tmp_path / "a.pdf")
    assert texts(document) == [
        "安全生产管理办法",
        "第一章 总则",
        "第一条 为了加强安全生产工作，防止和减少生产安全事故，保障人民群众生命和财产安全，制定本办法。",
        "第二条 本办法适用于全体员工。",
    ]
    first = find(document, "第一条")
    assert first.headings == ("安全生产管理办法", "第一章 总则") or first.headings == ("第一章 总则",)
    assert first.box is not None and first.box.page == 1
    assert 65 < first.box.x0 < 75 and 145 < first.box.y0 < 160 and 170 < first.box.y1 < 185
    assert document.page_count == 1 and document.page_sizes == ((595.0, 842.0),)


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    pdf = Pdf(tmp_path / "a.pdf")
    pdf.line(
        "A title that runs over the whole width of the page, as titles do",
        y=60,
        size=16,
        font="Helvetica-Bold",
    )
    for index in range(12):  # drawn row by row, the order that deceives
        pdf.line(LEFT[index], x=60, y=120 + index * 14, font="Helvetica", size=10)
        pdf.line(RIGHT[index], x=320, y=120 + index * 14, font="Helvetica", size=10)
    pdf.save()
    whole = " ".join(texts(parse_pdf(tmp_path / "a.pdf")))
    assert (
        whole.index("A title")
        < whole.index("Left column sentence number 11")
        < whole.index("Right column sentence number 0")
    )


def test_running_headers_and_page_numbers_go(tmp_path: Path) -> None:
    pdf = Pdf(tmp_path / "a.pdf")
    for page in range(1, 6):
        pdf.line("某某公司 内部资料", y=40, size=9)
        pdf.line(f"这是第{page}页的正文内容，各页不同。", y=200)
        pdf.line(f"第 {page} 页 共 5 页", x=280, y=810, size=9)
        pdf.page()
    pdf.save()
    document = parse_pdf(tmp_path / "a.pdf")
    assert texts(document) == [f"这是第{page}页的正文内容，各页不同。" for page in range(1, 6)]
    assert [element.page for element in document.elements] == [1, 2, 3, 4, 5]


def test_hyphenated_words_are_mended(tmp_path: Path) -> None:
    pdf = Pdf(tmp_path / "a.pdf")
    pdf.lines(["The committee discussed the inter-", "national agreement at length."], y=100)
    pdf.save()
    assert texts(parse_pdf(tmp_path / "a.pdf")) == [
        "The committee discussed the international agreement at length."
    ]


def test_a_ruled_table_is_markdown_with_its_box_and_its_text_is_not_repeated(tmp_path: Path) -> None:
    pdf = Pdf(tmp_path / "a.pdf")
    pdf.line("下表为各部门人数。", y=80)
    pdf.grid([["部门", "人数"], ["研发部", "12"], ["市场部", "8"]], x=72, y=100)
    pdf.line("以上数据截至五月。", y=260)
    pdf.save()
    document = parse_pdf(tmp_path / "a.pdf")
    assert texts(document) == [
        "下表为各部门人数。",
        "| 部门 | 人数 |\n| --- | --- |\n| 研发部 | 12 |\n| 市场部 | 8 |",
        "以上数据截至五月。",
    ]
    box = find(document, "研发部").box
    assert box is not None and abs(box.x0 - 72) < 2 and abs(box.y0 - 100) < 2 and abs(box.y1 - 172) < 2


def test_a_page_without_text_is_named_in_a_warning_and_pages_keep_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "engine_name", lambda: None)  # as where no recognition is installed
    from PIL import Image

    picture = tmp_path / "scan.png"
    Image.new("RGB", (60, 60), "gray").save(picture)
    pdf = Pdf(tmp_path / "a.pdf")
    pdf.line("第一页有文字。", y=100)
    pdf.page()
    pdf.page()  # blank: nothing to tell
    pdf.canvas.drawImage(str(picture), 0, 0, 595, 842)
    pdf.page()
    pdf.line("第四页有文字。", y=100)
    pdf.save()
    document = parse_pdf(tmp_path / "a.pdf")
    assert [element.page for element in document.elements] == [1, 4]
    assert [localise(warning, "zh") for warning in document.warnings] == [
        "第3页没有文字层，且未安装文字识别，内容检索不到。"
    ]


def test_a_scan_has_no_text_without_recognition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "engine_name", lambda: None)
    from PIL import Image

    Image.new("RGB", (60, 60), "gray").save(tmp_path / "scan.pdf")
    with pytest.raises(ParseError) as caught:
        parse_pdf(tmp_path / "scan.pdf")
    assert caught.value.code == "no_text"


def test_invisible_type_is_left_out_unless_it_lies_over_a_scan(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (60, 60), "gray").save(tmp_path / "scan.png")
    for scanned in (False, True):
        pdf = Pdf(tmp_path / "a.pdf")
        if scanned:
            pdf.canvas.drawImage(str(tmp_path / "scan.png"), 0, 0, 595, 842)
        else:
            pdf.line("Visible words", y=100, font="Helvetica")
        text = pdf.canvas.beginText(72, 500)
        text.setFont("Helvetica", 11)
        text.setTextRenderMode(3)
        text.textLine("Invisible words")
        pdf.canvas.drawText(text)
        pdf.save()
        assert texts(parse_pdf(tmp_path / "a.pdf")) == (["Invisible words"] if scanned else ["Visible words"])


def test_boxes_of_a_turned_page_lie_where_the_page_shows_them(tmp_path: Path) -> None:
    import pypdf

    pdf = Pdf(tmp_path / "a.pdf")
    pdf.canvas.saveState()
    pdf.canvas.translate(595, 0)
    pdf.canvas.rotate(90)
    pdf.canvas.setFont("Helvetica", 12)
    pdf.canvas.drawString(100, 500, "Upright once the page is turned")  # 842 wide, 595 high: 95 from the top
    pdf.canvas.restoreState()
    pdf.save()
    writer = pypdf.PdfWriter(clone_from=str(tmp_path / "a.pdf"))
    writer.pages[0].rotate(90)
    writer.write(str(tmp_path / "b.pdf"))
    document = parse_pdf(tmp_path / "b.pdf")
    assert document.page_sizes == ((842.0, 595.0),)
    box = find(document, "Upright").box
    assert box is not None and abs(box.x0 - 100) < 3 and 80 < box.y0 < 95 < box.y1 < 105


def test_a_password_is_asked_for_and_damage_is_told(tmp_path: Path) -> None:
    pdf = Pdf(tmp_path / "a.pdf", encrypt="secret")
    pdf.line("locked", y=100, font="Helvetica")
    pdf.save()
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 20)
    for name, code in (("a.pdf", "password"), ("b.pdf", "corrupt")):
        with pytest.raises(ParseError) as caught:
            parse_pdf(tmp_path / name)
        assert caught.value.code == code
