"""CSV: delimiter found by regularity, rows in groups that each repeat the header."""

from __future__ import annotations

import csv
import io
from itertools import islice
from pathlib import Path

from apps.rag.parsing.build import Builder
from apps.rag.parsing.grid import Grid, add_grid
from apps.rag.parsing.notes import note
from apps.rag.parsing.tables import cell
from apps.rag.parsing.text import read
from apps.rag.types import ParsedDocument

_DELIMITERS = ",\t;|"
_SNIFFED_ROWS = 100
MAX_ROWS = 50_000
MAX_COLUMNS = 200
_MAX_FIELD = 1024 * 1024


def parse_csv(path: Path) -> ParsedDocument:
    """Raises ParseError: empty, encoding."""
    builder = Builder()
    text = read(path, builder)
    csv.field_size_limit(_MAX_FIELD)
    delimiter = sniff_delimiter(text)
    rows: Grid = []
    for number, row in enumerate(_rows(text, delimiter), start=1):
        if len(rows) >= MAX_ROWS:
            builder.warn(note("rows_cut", sheet=path.stem, kept=MAX_ROWS))
            break
        if len(row) > MAX_COLUMNS:
            builder.warn(note("columns_cut", sheet=path.stem, kept=MAX_COLUMNS))
        values = [cell(value) for value in row[:MAX_COLUMNS]]
        if any(values):
            rows.append((number, values))
    add_grid(rows, builder, sheet=None)
    return builder.document()


def sniff_delimiter(text: str) -> str:
    """The delimiter that gives the most rows of one same width above one; a comma if none does."""
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in islice(_rows(text, delimiter), _SNIFFED_ROWS) if row]
        if not widths:
            continue
        width = max(set(widths), key=widths.count)
        score = (widths.count(width) / len(widths)) * min(width, 10) if width > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _rows(text: str, delimiter: str) -> csv._reader:  # type: ignore[name-defined, unused-ignore]
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
