"""Merged cells of spreadsheets: their value belongs to every row that they cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.rag.parsing.grid import Row

# First row, first column, last row, last column; rows from 1, columns from 0.
Merge = tuple[int, int, int, int]


def spread(rows: Iterable[Row], merges: list[Merge], *, max_columns: int) -> Iterator[Row]:
    """Put a merged value into each row it covers (a department beside its people), and, in a row
    that is merged only in part (a header), into each column. A line merged whole stays a title.
    The rows come in order; a merge counts from the row it begins in to its last."""
    waiting = sorted(merges, key=lambda merge: merge[0], reverse=True)
    reaching: list[tuple[int, int, int, str]] = []  # last row, first column, last column, value
    for number, values in rows:
        reaching = [merge for merge in reaching if merge[0] >= number]
        for _, left, right, text in reaching:
            _fill(values, left, right, text)
        while waiting and waiting[-1][0] <= number:
            top, left, bottom, right = waiting.pop()
            if top == number and left < min(max_columns, len(values)) and values[left]:
                others = any(text for index, text in enumerate(values) if not left <= index <= right)
                last = min(right, max_columns - 1) if others else left
                _fill(values, left, last, values[left])
                reaching.append((bottom, left, last, values[left]))
        yield number, values


def _fill(values: list[str], left: int, right: int, text: str) -> None:
    values.extend([""] * (right + 1 - len(values)))
    for column in range(left, right + 1):
        values[column] = values[column] or text
