"""Writes a workbook: one sheet a first-level heading, with a title row, a table and notes."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from apps.cabinets.demo.builders.package import BUILT, settle
from apps.cabinets.demo.builders.source import Block, Source

FONT = "Noto Sans CJK SC"
HEADER_ROW = 3
THIN = Side(style="thin", color="B7C4BB")
GRID = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
HEADER_FILL = PatternFill("solid", fgColor="2F6B57")


def write_xlsx(source: Source, target: Path) -> None:
    book = Workbook()
    book.remove(book.active)
    book.properties.title = source.meta["title"]
    book.properties.creator = source.meta["issuer"]
    book.properties.created = BUILT
    for name, blocks in _sheets(source.blocks):
        _fill(book.create_sheet(name), blocks)
    book.save(target)
    settle(target)


def _sheets(blocks: list[Block]) -> list[tuple[str, list[Block]]]:
    names = [block.text for block in blocks if block.kind == "heading"]
    groups = groupby(blocks, lambda block: block.kind == "heading")
    parts = [list(group) for is_name, group in groups if not is_name]
    return list(zip(names, parts, strict=True))


def _fill(sheet: Worksheet, blocks: list[Block]) -> None:
    title, table, *notes = blocks
    columns = len(table.rows[0])
    _merged(sheet, 1, columns, title.text, font=Font(name=FONT, size=14, bold=True), height=30)
    for offset, row in enumerate(table.rows):
        for column, text in enumerate(row, start=1):
            _cell(sheet, HEADER_ROW + offset, column, text, header=offset == 0)
    row_number = HEADER_ROW + len(table.rows) + 1
    for note in notes:
        _merged(sheet, row_number, columns, note.text, font=Font(name=FONT, size=10), height=32)
        row_number += 1
    _page_setup(sheet, table)


def _cell(sheet: Worksheet, row: int, column: int, text: str, *, header: bool) -> None:
    cell = sheet.cell(row, column, text if header else _value(text))
    cell.border = GRID
    cell.font = Font(name=FONT, size=10, bold=header, color="FFFFFF" if header else "222222")
    number = isinstance(cell.value, int | float)
    cell.alignment = Alignment(
        vertical="center", wrap_text=True, horizontal="right" if number else "left", indent=1
    )
    if header:
        cell.fill = HEADER_FILL


def _value(text: str) -> str | int | float | None:
    if not text:
        return None
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def _merged(sheet: Worksheet, row: int, columns: int, text: str, *, font: Font, height: int) -> None:
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
    cell = sheet.cell(row, 1, text)
    cell.font = font
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    sheet.row_dimensions[row].height = height


def _page_setup(sheet: Worksheet, table: Block) -> None:
    for column, cells in enumerate(zip(*table.rows, strict=True), start=1):
        longest = max(len(cell) for cell in cells)
        sheet.column_dimensions[get_column_letter(column)].width = min(max(longest * 2 + 2, 9), 34)
    sheet.freeze_panes = sheet.cell(HEADER_ROW + 1, 1)
    last = get_column_letter(len(table.rows[0]))
    sheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + len(table.rows) - 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
