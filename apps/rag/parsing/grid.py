"""Rows of a sheet as elements: blocks at empty rows, a header found, groups that repeat it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.rag.parsing.build import Builder
from apps.rag.parsing.tables import groups, is_table, markdown, trimmed

Row = tuple[int, list[str]]  # (row number from 1, cells already through tables.cell)
Grid = list[Row]
WINDOW = 5_000  # rows held of one table; what a table is (titles, header, columns) is told from its first
_MAX_TITLE_ROWS = 3


def add_grid(rows: Iterable[Row], builder: Builder, *, sheet: str | None) -> None:
    """Add a sheet's rows as they come; empty rows between tables may be left out, their numbers tell."""
    table: _Table | None = None
    for block, begins in _blocks(rows):
        if table is not None and (not begins or table.goes_on(block)):
            table.extend(block)
            continue
        if table is not None:
            table.end()
        table = _Table(block, builder, sheet=sheet)
    if table is not None:
        table.end()


def column_name(index: int) -> str:
    """0 → "A", 26 → "AA"."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def _blocks(rows: Iterable[Row]) -> Iterator[tuple[Grid, bool]]:
    """Rows without an empty one between, at most WINDOW at a time, and whether a block begins there."""
    block: Grid = []
    begins, last = True, 0
    for number, values in rows:
        if not any(values):
            continue
        if block and (number != last + 1 or len(block) >= WINDOW):
            yield block, begins
            begins, block = number != last + 1, []
        block.append((number, values))
        last = number
    if block:
        yield block, begins


def _columns(block: Grid) -> tuple[int, int]:
    used = [index for _, values in block for index, value in enumerate(values) if value]
    return min(used), max(used)


def _is_header(block: Grid) -> bool:
    first = [value for value in block[0][1] if value]
    return bool(first) and not any(_is_number(value) for value in first)


def _is_number(value: str) -> bool:
    return value.replace(",", "").replace(".", "").replace("%", "").replace("-", "").strip("$¥￥€ ").isdigit()


class _Table:
    """The table whose rows come just now. An empty row inside one long table (the same columns above and
    below, no new header) does not make two tables."""

    def __init__(self, block: Grid, builder: Builder, *, sheet: str | None) -> None:
        self._builder, self._sheet = builder, sheet
        self._rows = list(block)
        self._may_go_on = _is_header(block)
        self._columns = _columns(block)
        self._header: Row | None = None
        self._begun = False
        self._lines = False
        self._first = True

    def goes_on(self, block: Grid) -> bool:
        return self._may_go_on and self._columns == _columns(block) and not _is_header(block)

    def extend(self, block: Grid) -> None:
        self._rows += block
        low, high = _columns(block)
        self._columns = min(low, self._columns[0]), max(high, self._columns[1])
        if len(self._rows) >= WINDOW:
            self._add(last=False)

    def end(self) -> None:
        self._add(last=True)

    def _add(self, *, last: bool) -> None:
        """Add what is held; without `last` the group of rows that is still open stays."""
        if not self._begun:
            self._begin()
        if self._lines:
            self._rows = self._add_lines(last=last)
        elif self._header is not None:
            self._rows = self._add_groups(self._header, last=last)

    def _begin(self) -> None:
        self._begun = True
        titles, body = _titles(self._rows)
        for row in titles:
            text = " ".join(value for value in row[1] if value).replace("\\|", "|")
            self._builder.add("paragraph", text, sheet=self._sheet, cells=_range([row]))
        self._lines = not is_table([values for _, values in body])
        self._rows = body
        if body and not self._lines:
            self._header, self._rows = body[0], body[1:]
            if not self._rows:
                text = markdown([body[0][1]])
                self._builder.add("table", text, sheet=self._sheet, cells=_range(body))

    def _add_groups(self, header: Row, *, last: bool) -> Grid:
        """Groups of rows, the header above each; the rows that are left for the next."""
        low, high = _columns([header, *self._rows])
        for start, end in groups(header[1], [values for _, values in self._rows]):
            if end == len(self._rows) and not last:
                return self._rows[start:]
            part = [header, *self._rows[start:end]]
            full = [[*values, *[""] * (high + 1 - len(values))][low : high + 1] for _, values in part]
            cells = _range(part if self._first else part[1:])
            self._builder.add("table", markdown(full), sheet=self._sheet, cells=cells)
            self._first = False
        return []

    def _add_lines(self, *, last: bool) -> Grid:
        for start, end in groups([], [values for _, values in self._rows]):
            if end == len(self._rows) and not last:
                return self._rows[start:]
            part = self._rows[start:end]
            text = "\n".join(" ".join(filter(None, values)).replace("\\|", "|") for _, values in part)
            self._builder.add("paragraph", text, sheet=self._sheet, cells=_range(part))
        return []


def _titles(block: Grid) -> tuple[Grid, Grid]:
    """Rows above the header that hold one value (a merged title line) and the table below them."""
    width = len(trimmed([values for _, values in block])[0])
    count = 0
    while (
        width > 2
        and count < min(_MAX_TITLE_ROWS, len(block) - 1)
        and len(set(filter(None, block[count][1]))) == 1
    ):
        count += 1
    return block[:count], block[count:]


def _range(rows: Grid) -> str:
    low, high = _columns(rows)
    return f"{column_name(low)}{rows[0][0]}:{column_name(high)}{rows[-1][0]}"
