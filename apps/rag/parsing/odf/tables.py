"""Tables of OpenDocument files: repeated rows and cells counted, not copied without end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.rag.parsing.merged import Merge
from apps.rag.parsing.odf.package import OFFICE, TABLE, all_text, count
from apps.rag.parsing.tables import Rows, cell

MAX_ROWS = 50_000
MAX_COLUMNS = 200
_MAX_MERGES = 20_000
_NESTING = frozenset(
    TABLE + name for name in "table-rows table-header-rows table-row-group table-row-groups".split()
)


def lines(table: Any) -> Iterator[Any]:
    """The table:table-row elements of a table, not those of tables inside its cells."""
    for child in table:
        if child.tag == TABLE + "table-row":
            yield child
        elif child.tag in _NESTING:
            yield from lines(child)


def read(table: Any) -> tuple[list[tuple[int, list[str]]], list[Merge], bool]:
    """Rows that hold something with their numbers from 1, merged ranges, and whether any were left
    out for their number."""
    rows: list[tuple[int, list[str]]] = []
    merges: list[Merge] = []
    number = 1
    for line in lines(table):
        repeated = count(line, TABLE + "number-rows-repeated")
        if line.get(TABLE + "visibility") not in ("collapse", "filter"):
            values = _values(line, number, merges)
            if any(values):
                shown = min(repeated, MAX_ROWS - len(rows) + 1)
                rows += [(number + offset, list(values)) for offset in range(shown)]
        number += repeated
        if len(rows) > MAX_ROWS:
            return rows[:MAX_ROWS], merges, True
    return rows, merges, False


def _values(line: Any, number: int, merges: list[Merge]) -> list[str]:
    values: list[str] = []
    for item in line.iterchildren(TABLE + "table-cell", TABLE + "covered-table-cell"):
        repeated = count(item, TABLE + "number-columns-repeated")
        text = cell(_cell_text(item)) if item.tag == TABLE + "table-cell" else ""
        across, down = (
            count(item, TABLE + "number-columns-spanned"),
            count(item, TABLE + "number-rows-spanned"),
        )
        if text and (across > 1 or down > 1) and len(merges) < _MAX_MERGES:
            merges.append((number, len(values), number + down - 1, len(values) + across - 1))
        values += [text] * min(repeated, MAX_COLUMNS - len(values))
        if len(values) >= MAX_COLUMNS:
            break
    return values


def _cell_text(item: Any) -> str:
    """As shown; the stored value where the program left no text."""
    shown = all_text(item)
    return shown if shown.strip() else item.get(OFFICE + "value") or item.get(OFFICE + "date-value") or ""


def rows_of(table: Any) -> Rows:
    """A table of a text or slide as rows of cells, merged values spread."""
    from apps.rag.parsing.merged import spread

    rows, merges, _ = read(table)
    return [values for _, values in spread(rows, merges, max_columns=MAX_COLUMNS)]
