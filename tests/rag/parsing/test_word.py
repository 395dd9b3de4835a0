from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from apps.rag.errors import ParseError
from apps.rag.parsing.office.numbering import chinese, letters, render
from apps.rag.parsing.office.word import parse_docx
from apps.rag.parsing.parser import parse_file
from apps.rag.parsing.sniff import DOCX
from apps.rag.types import ParsedDocument
from tests.rag.parsing.files import find, texts


def saved(document: Document, path: Path) -> ParsedDocument:
    document.save(str(path))
    return parse_docx(path)


def test_heading_styles_give_the_path(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("管理办法", 0)
    document.add_heading("总则", 1)
    document.add_heading("目的", 2)
    document.add_paragraph("为加强管理，制定本办法。")
    document.add_heading("附则", 1)
    document.add_paragraph("本办法自印发之日起施行。")
    parsed = saved(document, tmp_path / "a.docx")
    assert texts(parsed, "title") == ["管理办法"]
    assert [(item.text, item.level) for item in parsed.elements if item.kind == "heading"] == [
        ("总则", 1),
        ("目的", 2),
        ("附则", 1),
    ]
    assert find(parsed, "为加强").headings == ("总则", "目的")
    assert find(parsed, "施行").headings == ("附则",)


def test_without_styles_the_form_of_official_documents_is_read(tmp_path: Path) -> None:
    document = Document()
    title = document.add_paragraph("关于开展安全生产检查的通知")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in ("各有关单位：", "一、检查范围", "（一）重点领域", "包括化工与矿山。"):
        document.add_paragraph(text)
    parsed = saved(document, tmp_path / "a.docx")
    assert texts(parsed, "title") == ["关于开展安全生产检查的通知"]
    assert find(parsed, "化工").headings == ("一、检查范围", "（一）重点领域")


def test_values_of_merged_cells_stand_in_every_row_they_cover(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(rows=4, cols=3)
    for row in range(4):
        for column in range(3):
            table.cell(row, column).text = f"r{row}c{column}"
    table.cell(1, 2).merge(table.cell(3, 2)).text = "检测|方法"
    table.cell(0, 0).merge(table.cell(0, 1)).text = "项目"
    parsed = saved(document, tmp_path / "a.docx")
    (text,) = texts(parsed, "table")
    assert text.split("\n") == [
        "| 项目 | 项目 | r0c2 |",
        "| --- | --- | --- |",
        "| r1c0 | r1c1 | 检测\\|方法 |",
        "| r2c0 | r2c1 | 检测\\|方法 |",
        "| r3c0 | r3c1 | 检测\\|方法 |",
    ]


def test_word_numbers_stand_before_the_text(tmp_path: Path) -> None:
    document = Document()
    for text in ("第一步", "第二步"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("要点", style="List Bullet")
    parsed = saved(document, tmp_path / "a.docx")
    assert texts(parsed, "list") == ["1. 第一步", "2. 第二步", "- 要点"]


@pytest.mark.parametrize(
    ("number", "style", "shown"),
    [
        (12, "chineseCounting", "十二"),
        (20, "chineseCountingThousand", "二十"),
        (103, "ideographTraditional", "一百零三"),
        (4, "upperRoman", "IV"),
        (27, "lowerLetter", "aa"),
        (3, "decimalEnclosedCircle", "③"),
        (7, "decimalZero", "07"),
        (5, "unknown", "5"),
    ],
)
def test_numbers_are_rendered_in_words_formats(number: int, style: str, shown: str) -> None:
    assert render(number, style) == shown
    assert chinese(10) == "十" and letters(2) == "b"


def test_a_text_box_stored_twice_is_read_once(tmp_path: Path) -> None:
    document = Document()
    paragraph = document.add_paragraph("正文")
    box = "<w:txbxContent><w:p><w:r><w:t>框内文字</w:t></w:r></w:p></w:txbxContent>"
    paragraph._p.append(
        parse_xml(
            f"<w:r {nsdecls('w')} xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'"
            " xmlns:wps='http://schemas.microsoft.com/office/word/2010/wordprocessingShape' xmlns:v='urn:schemas-microsoft-com:vml'>"
            f"<mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx>{box}</wps:txbx></mc:Choice>"
            f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    assert texts(saved(document, tmp_path / "a.docx")) == ["正文", "框内文字"]


def test_deleted_and_hidden_text_is_not_read_but_inserted_is(tmp_path: Path) -> None:
    document = Document()
    paragraph = document.add_paragraph("甲方")
    paragraph._p.append(parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>旧</w:delText></w:r></w:del>"))
    paragraph._p.append(parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>新</w:t></w:r></w:ins>"))
    paragraph.add_run("秘密").font.hidden = True
    assert texts(saved(document, tmp_path / "a.docx")) == ["甲方新"]


def test_a_frame_drawn_as_a_one_cell_table_is_text(tmp_path: Path) -> None:
    document = Document()
    document.add_table(rows=1, cols=1).cell(0, 0).text = "说明文字"
    assert [(item.kind, item.text) for item in saved(document, tmp_path / "a.docx").elements] == [
        ("paragraph", "说明文字")
    ]


def test_damaged_xml_is_corrupt_and_an_empty_document_is_empty(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "a.docx"
    Document().save(str(path))
    with pytest.raises(ParseError) as caught:
        parse_docx(path)
    assert caught.value.code == "empty"
    broken = tmp_path / "b.docx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(broken, "w") as new:
        for item in old.infolist():
            new.writestr(item, b"<w:document" if item.filename == "word/document.xml" else old.read(item))
    with pytest.raises(ParseError) as caught:
        parse_file(broken, DOCX)
    assert caught.value.code == "corrupt"
