"""Tables as Markdown: one line a row, a header row first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apps.rag.parsing.clean import one_line
from apps.rag.parsing.measure import units

Rows = list[list[str]]
GROUP_UNITS = 360.0  # of a row group with its header, so that it fits a chunk as it is


def cell(text: object) -> str:
    """A value as one Markdown cell: one line, pipes escaped."""
    if text is None:
        return ""
    return one_line(str(text)).replace("|", "\\|")


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells (already through `cell`) as a Markdown table whose first row is the header.
    Short rows are filled; empty rows and columns that are empty throughout are left out. One
    column is no table: its cells come back as lines."""
    rows = trimmed(rows)
    if not rows:
        return ""
    if len(rows[0]) == 1:
        return "\n".join(row[0].replace("\\|", "|") for row in rows)
    lines = [line(row) for row in rows]
    return "\n".join([lines[0], separator(len(rows[0])), *lines[1:]])


def line(row: Sequence[str]) -> str:
    return "| " + " | ".join(row) + " |"


def separator(columns: int) -> str:
    return "|" + " --- |" * columns


def trimmed(rows: Sequence[Sequence[str]]) -> Rows:
    """Rows of one length without empty rows and columns."""
    kept = [row for row in rows if any(value.strip() for value in row)]
    if not kept:
        return []
    width = max(len(row) for row in kept)
    full = [[*row, *[""] * (width - len(row))] for row in kept]
    columns = [index for index in range(width) if any(row[index].strip() for row in full)]
    return [[row[index] for index in columns] for row in full]


def is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows hold a real table: two columns or more that are used side by side."""
    kept = trimmed(rows)
    return bool(kept) and len(kept[0]) > 1 and any(sum(bool(value) for value in row) > 1 for row in kept)


def groups(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Cut body rows into runs [start, end) of GROUP_UNITS with their header, never inside a row."""
    base = sum(units(value) for value in header)
    start, size = 0, base
    for index, row in enumerate(rows):
        weight = sum(units(value) for value in row)
        if index > start and size + weight > GROUP_UNITS:
            yield start, index
            start, size = index, base
        size += weight
    if rows:
        yield start, len(rows)


def split_markdown(text: str) -> tuple[list[str], list[str]] | None:
    """The (header and separator, body lines) of a Markdown table, None when it has no header."""
    lines = text.split("\n")
    if len(lines) < 2 or not lines[1].startswith("|") or set(lines[1]) - set("| -:"):
        return None
    return lines[:2], lines[2:]
