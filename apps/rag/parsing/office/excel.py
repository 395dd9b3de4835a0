"""Excel files in openpyxl's read-only mode: values, row groups with their header, merged titles."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from apps.rag.parsing import progress
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import one_line
from apps.rag.parsing.grid import add_grid
from apps.rag.parsing.merged import Merge, spread
from apps.rag.parsing.notes import note
from apps.rag.parsing.office.numformat import shown
from apps.rag.parsing.office.properties import core_properties
from apps.rag.parsing.office.workbook import opened
from apps.rag.parsing.tables import cell
from apps.rag.parsing.zipguard import ZipLimits, check
from apps.rag.types import ParsedDocument

MAX_ROWS = 50_000  # a sheet; of rows that hold something
MAX_COLUMNS = 200
_MAX_SHEETS = 200
_MAX_MERGES = 20_000
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
_FORMULA_WITHOUT_VALUE = re.compile(rb"<f>[^<]*</f>\s*(?:<v\s*/>|<v></v>|</c>)")
_BLOCK = 1 << 20
_GIGABYTE = 1 << 30
_LIMITS = ZipLimits(
    total=6 * _GIGABYTE, streamed=("xl/worksheets/sheet", "xl/sharedStrings"), streamed_part=3 * _GIGABYTE
)


def parse_xlsx(path: Path) -> ParsedDocument:
    """Raises ParseError: password, zip_bomb, corrupt, empty."""
    return add_xlsx(path, Builder())


def add_xlsx(path: Path, builder: Builder) -> ParsedDocument:
    """As `parse_xlsx`; neither the sheets nor the table of strings are held."""
    check(path, needs="xl/workbook.xml", limits=_LIMITS)
    with path.open("rb") as file, opened(file) as book:  # by its bytes: a stored original has no extension
        sheets = book.worksheets[:_MAX_SHEETS]
        for number, sheet in enumerate(sheets, start=1):
            _add_sheet(sheet, path, builder)
            progress.step(number, len(sheets))
        return builder.document(metadata=core_properties(book.properties))


def _add_sheet(sheet: Any, path: Path, builder: Builder) -> None:
    if sheet.sheet_state != "visible":
        builder.warn(note("sheet_hidden", sheet=sheet.title))
        return
    merges, uncalculated = _scan(path, getattr(sheet, "_worksheet_path", ""))
    if uncalculated:
        builder.warn(note("formulas", sheet=sheet.title))
    rows = spread(_rows(sheet, builder), merges, max_columns=MAX_COLUMNS)
    first = next(rows, None)
    if first is None:
        return
    builder.leave_headings()
    builder.heading(one_line(sheet.title), level=1)
    add_grid(chain([first], rows), builder, sheet=sheet.title)


def _rows(sheet: Any, builder: Builder) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something. The used range that a file claims is not believed: empty rows
    between are passed over as they stream by."""
    sheet.reset_dimensions()
    kept = 0
    for cells in sheet.iter_rows():
        filled = [item for item in cells if getattr(item, "value", None) is not None]
        if not filled:
            continue
        if kept >= MAX_ROWS:
            builder.warn(note("rows_cut", sheet=sheet.title, kept=MAX_ROWS))
            return
        values = [""] * min(MAX_COLUMNS, filled[-1].column)
        for item in filled:
            if item.column <= MAX_COLUMNS:
                values[item.column - 1] = cell(shown(item.value, item.number_format or ""))
            else:
                builder.warn(note("columns_cut", sheet=sheet.title, kept=MAX_COLUMNS))
        kept += 1
        yield filled[0].row, values


def _scan(path: Path, part: str) -> tuple[list[Merge], bool]:
    """Merged ranges, which read-only mode does not tell, and whether formulas lack their values."""
    merges: list[Merge] = []
    uncalculated, tail = False, b""
    with zipfile.ZipFile(path) as archive:
        if part not in archive.namelist():
            return [], False
        with archive.open(part) as stream:
            while block := stream.read(_BLOCK):
                data = tail + block
                uncalculated = uncalculated or bool(_FORMULA_WITHOUT_VALUE.search(data))
                matches = list(_MERGE.finditer(data))
                merges += [_merge(match) for match in matches]
                tail = data[max(matches[-1].end() if matches else 0, len(data) - 200) :]
                if len(merges) > _MAX_MERGES:
                    break
    return merges[:_MAX_MERGES], uncalculated


def _merge(match: re.Match[bytes]) -> Merge:
    return int(match[2]), _index(match[1]), int(match[4]), _index(match[3])


def _index(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
