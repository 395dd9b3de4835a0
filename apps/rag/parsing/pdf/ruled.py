"""Tables with rulings: pdfplumber finds the cells, pdfium reads what stands in them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.rag.parsing.pdf.matrix import page_matrix
from apps.rag.parsing.tables import Rows, cell, is_table, trimmed

MAX_PAGES = 400  # of one file; the rest is read as text
MAX_OBJECTS = 6_000  # of one page; drawings with more are no tables and take pdfplumber seconds
_INSET = 0.8
_MAX_CELLS = 5_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of Markdown cells and the box (x0, y0, x1, y1), points, origin top left."""

    rows: Rows
    box: tuple[float, float, float, float]


def find(path: Path, document: Any, pages: Sequence[int]) -> dict[int, list[Table]]:
    """The tables of those pages (counted from 1). A page that pdfplumber cannot read has none."""
    if not pages:
        return {}
    import pdfplumber

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    found: dict[int, list[Table]] = {}
    with pdfplumber.open(path, pages=list(pages[:MAX_PAGES])) as plumber:
        for page in plumber.pages:
            try:
                tables = _tables(page, document)
            except (
                Exception
            ) as error:  # pdfminer throws anything at odd streams; the text is read all the same
                _log.warning("page %d: no tables read: %s", page.page_number, error)
                tables = []
            if tables:
                found[page.page_number] = tables
            page.close()
    return found


def _tables(page: Any, document: Any) -> list[Table]:
    candidates = page.find_tables()
    if not candidates:
        return []
    pdf_page = document[page.page_number - 1]
    text_page = pdf_page.get_textpage()
    try:
        reader = _Reader(pdf_page, text_page, origin=(page.bbox[0], page.bbox[1]))
        read = (reader.read(candidate) for candidate in candidates)
        return _outermost([table for table in read if table is not None])
    finally:
        text_page.close()
        pdf_page.close()


class _Reader:
    def __init__(self, page: Any, text_page: Any, *, origin: tuple[float, float]) -> None:
        self._text, self._matrix, self._origin = text_page, page_matrix(page), origin

    def read(self, candidate: Any) -> Table | None:
        if len(candidate.cells) > _MAX_CELLS or len(candidate.cells) < 4:
            return None
        xs = sorted({round(box[0], 1) for box in candidate.cells})
        rows: Rows = []
        for row in candidate.rows:
            values = [""] * len(row.cells)
            for index, box in enumerate(row.cells):
                if box is not None:
                    values[index] = cell(self._inside(box))
            rows.append(values)
        rows = _merged_down(rows, candidate, xs)
        if not is_table(rows) or not _worth(rows):
            return None
        x0, y0, x1, y1 = candidate.bbox
        left, top = self._origin
        return Table(trimmed(rows), (x0 - left, y0 - top, x1 - left, y1 - top))

    def _inside(self, box: tuple[float, float, float, float]) -> str:
        left, top = self._origin
        x0, y0, x1, y1 = (
            box[0] - left + _INSET,
            box[1] - top + _INSET,
            box[2] - left - _INSET,
            box[3] - top - _INSET,
        )
        if x1 <= x0 or y1 <= y0:
            return ""
        text: str = self._text.get_text_bounded(*self._matrix.inverse_box(x0, y0, x1, y1))
        return text.replace("\ufffe", "-").replace("\x02", "-")


def _merged_down(rows: Rows, candidate: Any, xs: list[float]) -> Rows:
    """A cell that spans rows gives its value to each row it covers (missing cells there are None)."""
    for number, row in enumerate(candidate.rows[1:], start=1):
        for index, box in enumerate(row.cells):
            if box is not None or index >= len(xs):
                continue
            above = (
                candidate.rows[number - 1].cells[index]
                if index < len(candidate.rows[number - 1].cells)
                else None
            )
            cover = next(
                (
                    item
                    for item in candidate.cells
                    if abs(item[0] - xs[index]) < 1
                    and item[1] < row.bbox[1] - 1
                    and item[3] > row.bbox[3] - 1
                ),
                None,
            )
            if cover is not None or above is None:
                rows[number][index] = rows[number][index] or (
                    rows[number - 1][index] if cover is not None else ""
                )
    return rows


def _worth(rows: Rows) -> bool:
    """Frames and charts also have rulings; a table has words in a fair part of its cells."""
    values = [value for row in trimmed(rows) for value in row]
    return sum(bool(value) for value in values) * 3 >= len(values)


def _outermost(tables: list[Table]) -> list[Table]:
    kept: list[Table] = []
    for table in sorted(tables, key=lambda item: -(item.box[2] - item.box[0]) * (item.box[3] - item.box[1])):
        x, y = (table.box[0] + table.box[2]) / 2, (table.box[1] + table.box[3]) / 2
        if not any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in (item.box for item in kept)):
            kept.append(table)
    return sorted(kept, key=lambda item: item.box[1])
