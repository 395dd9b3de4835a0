from __future__ import annotations

from pathlib import Path

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from apps.rag.parsing.notes import localise
from apps.rag.parsing.office.slides import parse_pptx
from tests.rag.parsing.files import find, texts


def test_a_slide_is_a_page_with_title_lists_tables_charts_and_notes(tmp_path: Path) -> None:
    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "年度计划"
    frame = first.placeholders[1].text_frame
    frame.text = "扩大产能"
    inner = frame.add_paragraph()
    inner.text, inner.level = "新建两条产线", 1
    first.notes_slide.notes_text_frame.text = "讲稿：强调安全"
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "数据"
    table = second.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for (row, column), text in {(0, 0): "年份", (0, 1): "产量", (1, 0): "2024", (1, 1): "50"}.items():
        table.cell(row, column).text = text
    data = CategoryChartData()
    data.categories = ["一季度", "二季度"]
    data.add_series("收入", (10, 20.5))
    second.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(4), Inches(4), Inches(3), data)
    path = tmp_path / "a.pptx"
    deck.save(str(path))
    document = parse_pptx(path)
    assert document.page_count == 2 and len(document.page_sizes) == 2
    assert [(item.text, item.page) for item in document.elements if item.kind == "heading"] == [
        ("年度计划", 1),
        ("数据", 2),
    ]
    assert texts(document, "list") == ["扩大产能", "  - 新建两条产线"]
    assert find(document, "讲稿").headings == ("年度计划",)
    assert texts(document, "table") == [
        "| 年份 | 产量 |\n| --- | --- |\n| 2024 | 50 |",
        "|  | 收入 |\n| --- | --- |\n| 一季度 | 10 |\n| 二季度 | 20.5 |",
    ]
    assert find(document, "年份").box is not None


def test_values_of_merged_cells_stand_in_every_row_they_cover(tmp_path: Path) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    table = slide.shapes.add_table(3, 3, Inches(1), Inches(1), Inches(4), Inches(2)).table
    for row in range(3):
        for column in range(3):
            table.cell(row, column).text = f"r{row}c{column}"
    for row, column in ((0, 1), (2, 0)):
        table.cell(row, column).text = ""
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(1, 0).merge(table.cell(2, 0))
    path = tmp_path / "a.pptx"
    deck.save(str(path))
    assert texts(parse_pptx(path)) == [
        "| r0c0 | r0c0 | r0c2 |\n| --- | --- | --- |\n| r1c0 | r1c1 | r1c2 |\n| r1c0 | r2c1 | r2c2 |"
    ]


def test_a_long_chinese_text_box_is_no_title(tmp_path: Path) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.shapes.add_textbox(0, 0, Inches(5), Inches(2)).text_frame.text = "这是一个很长的段落，" * 8
    path = tmp_path / "a.pptx"
    deck.save(str(path))
    assert [element.kind for element in parse_pptx(path).elements] == ["paragraph"]


def test_a_body_written_into_the_title_is_read_as_a_body(tmp_path: Path) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "\n".join(f"第{number}项工作的详细说明和要求" for number in range(20))
    path = tmp_path / "a.pptx"
    deck.save(str(path))
    assert len(texts(parse_pptx(path), "list")) == 20


def test_hidden_slides_stay_out_but_count_as_pages(tmp_path: Path) -> None:
    deck = Presentation()
    for text in ("甲", "乙", "丙"):
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = text
    deck.slides[1]._element.set("show", "0")
    path = tmp_path / "a.pptx"
    deck.save(str(path))
    document = parse_pptx(path)
    assert [(item.text, item.page) for item in document.elements] == [("甲", 1), ("丙", 3)]
    assert localise(document.warnings[0], "zh") == "第 2 张幻灯片已隐藏，未入库。"
