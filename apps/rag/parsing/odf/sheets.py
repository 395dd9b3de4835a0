"""OpenDocument spreadsheets: values as shown, merged cells spread, hidden sheets named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apps.rag.parsing import progress
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import one_line
from apps.rag.parsing.grid import add_grid
from apps.rag.parsing.merged import spread
from apps.rag.parsing.notes import note
from apps.rag.parsing.odf.package import STYLE, TABLE, load
from apps.rag.parsing.odf.tables import MAX_COLUMNS, MAX_ROWS, read
from apps.rag.types import ParsedDocument

_MAX_SHEETS = 200


def parse_ods(path: Path) -> ParsedDocument:
    """Raises ParseError: password, zip_bomb, corrupt, empty."""
    package = load(path)
    builder = Builder()
    sheets = package.body("spreadsheet").findall(TABLE + "table")[:_MAX_SHEETS]
    hidden = _hidden_styles(package.content)
    for number, sheet in enumerate(sheets, start=1):
        name = one_line(sheet.get(TABLE + "name") or f"Sheet{number}")
        if sheet.get(TABLE + "style-name") in hidden:
            builder.warn(note("sheet_hidden", sheet=name))
        else:
            _add_sheet(sheet, name, builder)
        progress.step(number, len(sheets))
    return builder.document(metadata=package.metadata)


def _add_sheet(sheet: Any, name: str, builder: Builder) -> None:
    rows, merges, cut = read(sheet)
    if cut:
        builder.warn(note("rows_cut", sheet=name, kept=MAX_ROWS))
    if not rows:
        return
    builder.leave_headings()
    builder.heading(name, level=1)
    add_grid(spread(rows, merges, max_columns=MAX_COLUMNS), builder, sheet=name)


def _hidden_styles(content: Any) -> set[str]:
    """The names of table styles that are not displayed."""
    return {
        style.get(STYLE + "name") or ""
        for style in content.iter(STYLE + "style")
        for properties in style.iterchildren(STYLE + "table-properties")
        if properties.get(TABLE + "display") == "false"
    }
