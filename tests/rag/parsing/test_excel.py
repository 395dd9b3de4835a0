from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from apps.rag.parsing.grid import column_name
from apps.rag.parsing.notes import localise
from apps.rag.parsing.office.excel import parse_xlsx
from apps.rag.parsing.office.numformat import shown
from tests.rag.parsing.files import find, texts


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (45600, "#,##0.00", "45,600.00"),
        (0.125, "0.0%", "12.5%"),
        (0.5, "0%", "50%"),
        (1618.5, "General", "1618.5"),
        (32370.0, "General", "32370"),
        (3.2, '"¥"#,##0.00', "¥3.20"),
        (12, '0"天"', "12天"),
        (1234.5, "[$-804]#,##0.0_);(#,##0.0)", "1,234.5"),
        (7, "[$€-2] #,##0.00", "€7.00"),
        (datetime(2024, 5, 1), "yyyy-mm-dd", "2024-05-01"),
        (datetime(2024, 5, 1, 9, 30), "yyyy/m/d h:mm", "2024-05-01 09:30"),
        (datetime(2024, 5, 1), "mmm-yy", "2024-05"),
        (date(2024, 5, 1), "General", "2024-05-01"),
        (True, "General", "TRUE"),
        (0.1 + 0.2, "General", "0.3"),
        ("文字", "@", "文字"),
    ],
)
def test_values_look_as_in_the_spreadsheet(value: object, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


def test_a_sheet_is_titles_and_a_table_with_cells(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "工资表"
    sheet.append(["2024年5月工资表"])
    sheet.merge_cells("A1:C1")
    sheet.append(["部门", "姓名", "金额"])
    sheet.append(["研发部", "张三", 12000.5])
    sheet.append([None, "李四", 9000])
    sheet.merge_cells("A3:A4")
    sheet["C3"].number_format = sheet["C4"].number_format = "#,##0.00"
    path = tmp_path / "a.xlsx"
    book.save(path)
    document = parse_xlsx(path)
    assert texts(document, "heading") == ["工资表"]
    assert find(document, "2024年5月").kind == "paragraph"
    table = find(document, "张三")
    assert table.text.split("\n") == [
        "| 部门 | 姓名 | 金额 |",
        "| --- | --- | --- |",
        "| 研发部 | 张三 | 12,000.50 |",
        "| 研发部 | 李四 | 9,000.00 |",
    ]
    assert (table.sheet, table.cells, table.headings) == ("工资表", "A2:C4", ("工资表",))


def test_long_tables_come_in_groups_that_repeat_the_header(tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    sheet.append(["编号", "说明"])
    for number in range(500):
        sheet.append([number, f"第{number}条记录的说明文字内容"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    tables = [element for element in parse_xlsx(path).elements if element.kind == "table"]
    assert len(tables) > 5
    assert all(table.text.startswith("| 编号 | 说明 |\n| --- | --- |\n| ") for table in tables)
    assert tables[0].cells == f"A1:B{int((tables[1].cells or '').split(':')[0][1:]) - 1}"
    assert (tables[-1].cells or "").endswith(":B501")


def test_hidden_sheets_stay_out_with_a_warning(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["看得见", "内容"])
    hidden = book.create_sheet("底稿")
    hidden.append(["看不见"])
    hidden.sheet_state = "hidden"
    path = tmp_path / "a.xlsx"
    book.save(path)
    document = parse_xlsx(path)
    assert "看不见" not in "".join(texts(document))
    assert [localise(warning, "zh") for warning in document.warnings] == ["工作表“底稿”已隐藏，未入库。"]


def test_far_cells_of_an_inflated_sheet_cost_nothing(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["列一", "列二"])
    book.active.append([1, 2])
    book.active["XFD1048576"] = "远处"
    path = tmp_path / "a.xlsx"
    book.save(path)
    document = parse_xlsx(path)
    assert "| 1 | 2 |" in find(document, "列一").text
    assert len(document.warnings) == 1


def test_formulas_without_values_are_told(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["合计", "=SUM(A2:A3)"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert "未计算" in parse_xlsx(path).warnings[0]


def test_columns_are_named_as_in_excel() -> None:
    assert [column_name(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
