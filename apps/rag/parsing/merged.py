"""Merged cells of spreadsheets: their value belongs to every row that they cover."""

from __future__ import annotations

from apps.rag.parsing.grid import Grid

Merge = tuple[
    int, int, int, int
]  # first row, first column, last row, last column; rows from 1, columns from 0


def spread(rows: Grid, merges: list[Merge], *, max_rows: int, max_columns: int) -> Grid:
    """Put a merged value into each row it covers (a department beside its people), and, in a row
    that is merged only in part (a header), into each column. A line merged whole stays a title."""
    by_number = dict(rows)
    for top, left, bottom, right in merges:
        value = by_number.get(top, [])[left : left + 1]
        if not value or not value[0] or left >= max_columns:
            continue
        others = any(text for index, text in enumerate(by_number[top]) if not left <= index <= right)
        last = min(right, max_columns - 1) if others else left
        for number in range(top, min(bottom, top + max_rows) + 1):
            if number in by_number:
                _fill(by_number[number], left, last, value[0])
    return rows


def _fill(values: list[str], left: int, right: int, text: str) -> None:
    values.extend([""] * (right + 1 - len(values)))
    for column in range(left, right + 1):
        values[column] = values[column] or text
