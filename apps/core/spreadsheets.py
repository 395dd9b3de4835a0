"""CSV that spreadsheets open as text: a cell that begins like a formula gets a mark before it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "'"
BOM = "\ufeff"  # by which Excel knows UTF-8


def safe(value: object) -> str:
    """The text of a cell. NUL is in no file."""
    text = str(value).replace("\0", "")
    return MARK + text if text.lstrip(" ").startswith(FORMULA) else text


def as_meant(cell: str) -> str:
    """The text as it was before `safe`."""
    return cell[1:] if cell.startswith(MARK) and cell[1:].lstrip(" ").startswith(FORMULA) else cell


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """A CSV file, line by line."""
    yield BOM.encode() + _line(head)
    for row in rows:
        yield _line(row)


def _line(row: Sequence[object]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([safe(cell) for cell in row])
    return out.getvalue().encode()
