from __future__ import annotations

from pathlib import Path

from apps.rag.parsing.odf.sheets import parse_ods
from apps.rag.parsing.odf.slides import parse_odp
from apps.rag.parsing.odf.text import parse_odt
from tests.rag.parsing.files import find, texts
from tests.rag.parsing.oldfiles import opendocument


def test_headings_lists_tables_and_notes_of_a_text_keep_their_order(tmp_path: Path) -> None:
    body = """<text:p text:style-name="P1">年度报告</text:p>
<text:h text:outline-level="1">总则</text:h><text:p>正文<text:s text:c="2"/>第一段<text:note><text:note-body>
<text:p>脚注内容</text:p></text:note-body></text:note>。</text:p>
<text:list><text:list-item><text:p>第一项</text:p><text:list><text:list-item><text:p>细项</text:p></text:list-item>
</text:list></text:list-item></text:list>
<text:h text:outline-level="2">表格</text:h><table:table><table:table-row><table:table-cell><text:p>姓名</text:p>
</table:table-cell><table:table-cell><text:p>天数</text:p></table:table-cell></table:table-row><table:table-row>
<table:table-cell><text:p>张三</text:p></table:table-cell><table:table-cell><text:p>5</text:p></table:table-cell>
</table:table-row></table:table>"""
    style = '<style:style style:name="P1" style:parent-style-name="Title"/>'
    document = parse_odt(opendocument(tmp_path / "a.odt", "text", body, styles=style))
    assert [(element.kind, element.text) for element in document.elements] == [
        ("title", "年度报告"),
        ("heading", "总则"),
        ("paragraph", "正文 第一段。"),
        ("paragraph", "脚注内容"),
        ("list", "- 第一项"),
        ("list", "  - 细项"),
        ("heading", "表格"),
        ("table", "| 姓名 | 天数 |\n| --- | --- |\n| 张三 | 5 |"),
    ]
    assert find(document, "张三").headings == ("总则", "表格")


def test_deleted_text_and_contents_pages_are_left_out(tmp_path: Path) -> None:
    body = """<text:tracked-changes><text:p>删掉的</text:p></text:tracked-changes>
<text:table-of-content><text:p>目录 1</text:p></text:table-of-content><text:p>留下的</text:p>"""
    assert texts(parse_odt(opendocument(tmp_path / "a.odt", "text", body))) == ["留下的"]


def test_sheets_show_values_spread_merges_and_name_hidden_ones(tmp_path: Path) -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"

    rows = f"""<table:table-row>{cell("部门")}{cell("姓名")}</table:table-row>
<table:table-row>{cell("人事部", 'table:number-rows-spanned="2"')}{cell("张三")}</table:table-row>
<table:table-row><table:covered-table-cell/>{cell("李四")}</table:table-row>
<table:table-row table:number-rows-repeated="1048573"><table:table-cell table:number-columns-repeated="16384"/>
</table:table-row>"""
    styles = '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'
    body = f'<table:table table:name="人员">{rows}</table:table><table:table table:name="密" table:style-name="h">{rows}</table:table>'
    document = parse_ods(opendocument(tmp_path / "a.ods", "spreadsheet", body, styles=styles))
    table = find(document, "张三")
    assert table.text == "| 部门 | 姓名 |\n| --- | --- |\n| 人事部 | 张三 |\n| 人事部 | 李四 |"
    assert (table.sheet, table.cells) == ("人员", "A1:B3")
    assert len(document.warnings) == 1 and "密" in document.warnings[0]


def test_slides_are_pages_with_titles_boxes_and_notes(tmp_path: Path) -> None:
    def frame(text: str, more: str) -> str:
        return f"<draw:frame {more}><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"

    body = f"""<draw:page>{frame("正文在这里", 'svg:x="1in" svg:y="2in" svg:width="3in" svg:height="1in"')}
{frame("进度", 'presentation:class="title" svg:y="5in"')}{frame("7", 'presentation:class="page-number"')}
<presentation:notes>{frame("讲稿", 'presentation:class="notes"')}</presentation:notes></draw:page>
<draw:page draw:style-name="off">{frame("看不见", "")}</draw:page>"""
    styles = '<style:style style:name="off"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    document = parse_odp(opendocument(tmp_path / "a.odp", "presentation", body, styles=styles))
    assert [(element.kind, element.text, element.page) for element in document.elements] == [
        ("heading", "进度", 1),
        ("paragraph", "正文在这里", 1),
        ("paragraph", "讲稿", 1),
    ]
    box = find(document, "正文").box
    assert box is not None and (box.x0, box.y0, box.x1, box.y1) == (72.0, 144.0, 288.0, 216.0)
    assert document.page_count == 2 and "2" in document.warnings[0]
