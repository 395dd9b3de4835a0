"""Excel 97 workbooks with xlrd: values as shown, merged cells spread, hidden sheets named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.rag.errors import ParseError
from apps.rag.parsing import progress
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import one_line
from apps.rag.parsing.grid import Grid, add_grid
from apps.rag.parsing.merged import Merge, spread
from apps.rag.parsing.notes import note
from apps.rag.parsing.office.numformat import shown
from apps.rag.parsing.tables import cell
from apps.rag.types import ParsedDocument

MAX_ROWS = 50_000
MAX_COLUMNS = 200
_MAX_SHEETS = 200
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def parse_xls(path: Path) -> ParsedDocument:
    """Raises ParseError: password, corrupt, empty."""
    import xlrd

    try:
        book = xlrd.open_workbook(str(path), formatting_info=True, on_demand=True, logfile=_Silence())
    except xlrd.XLRDError as error:
        code = "password" if "encrypt" in str(error).lower() else "corrupt"
        raise ParseError(f"xlrd: {error}", code=code) from error
    builder = Builder()
    count = min(book.nsheets, _MAX_SHEETS)
    for index in range(count):
        _add_sheet(book, book.sheet_by_index(index), builder)
        book.unload_sheet(index)
        progress.step(index + 1, count)
    return builder.document(metadata={"author": one_line(str(book.user_name or ""))})


class _Silence:
    """xlrd tells its doubts about a file on standard output unless given a stream."""

    def write(self, text: str) -> int:
        return len(text)


def _add_sheet(book: Any, sheet: Any, builder: Builder) -> None:
    if sheet.visibility:
        builder.warn(note("sheet_hidden", sheet=sheet.name))
        return
    merges: list[Merge] = [
        (top + 1, left, bottom, right - 1) for top, bottom, left, right in sheet.merged_cells
    ]
    rows: Grid = list(spread(_rows(book, sheet, builder), merges, max_columns=MAX_COLUMNS))
    if rows:
        builder.leave_headings()
        builder.heading(one_line(sheet.name), level=1)
        add_grid(rows, builder, sheet=sheet.name)


def _rows(book: Any, sheet: Any, builder: Builder) -> Iterator[tuple[int, list[str]]]:
    kept = 0
    for number in range(sheet.nrows):
        cells = sheet.row(number)
        if len(cells) > MAX_COLUMNS and any(item.ctype not in (0, 6) for item in cells[MAX_COLUMNS:]):
            builder.warn(note("columns_cut", sheet=sheet.name, kept=MAX_COLUMNS))
        values = [cell(_value(book, item)) for item in cells[:MAX_COLUMNS]]
        if not any(values):
            continue
        if kept >= MAX_ROWS:
            builder.warn(note("rows_cut", sheet=sheet.name, kept=MAX_ROWS))
            return
        kept += 1
        yield number + 1, values


def _value(book: Any, item: Any) -> str:
    import xlrd

    number_format = _format(book, item)
    if item.ctype == xlrd.XL_CELL_DATE:
        try:
            return shown(xlrd.xldate_as_datetime(item.value, book.datemode), number_format)
        except (ValueError, OverflowError):
            return str(item.value)
    if item.ctype == xlrd.XL_CELL_BOOLEAN:
        return shown(bool(item.value), number_format)
    if item.ctype == xlrd.XL_CELL_ERROR:
        return _ERRORS.get(item.value, "#N/A")
    return shown(item.value, number_format)


def _format(book: Any, item: Any) -> str:
    if item.xf_index is None or item.xf_index >= len(book.xf_list):
        return ""
    found = book.format_map.get(book.xf_list[item.xf_index].format_key)
    return found.format_str if found is not None else ""
