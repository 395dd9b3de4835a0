"""Rows of a sheet as elements: blocks at empty rows, a header found, groups that repeat it."""

from __future__ import annotations

from apps.rag.parsing.build import Builder
from apps.rag.parsing.tables import groups, is_table, markdown, trimmed

Grid = list[tuple[int, list[str]]]  # (row number from 1, cells already through tables.cell)
_MAX_TITLE_ROWS = 3


def add_grid(rows: Grid, builder: Builder, *, sheet: str | None) -> None:
    """Add a sheet's rows; empty rows between tables may be left out of `rows`, their numbers tell."""
    for block in _blocks(rows):
        _add_block(block, builder, sheet=sheet)


def column_name(index: int) -> str:
    """0 → "A", 26 → "AA"."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def _blocks(rows: Grid) -> list[Grid]:
    blocks: list[Grid] = []
    for number, values in rows:
        if not any(values):
            continue
        if blocks and number == blocks[-1][-1][0] + 1:
            blocks[-1].append((number, values))
        else:
            blocks.append([(number, values)])
    return _rejoined(blocks)


def _rejoined(blocks: list[Grid]) -> list[Grid]:
    """An empty row inside one long table (the same columns above and below, no new header)
    does not make two tables."""
    joined: list[Grid] = []
    for block in blocks:
        if (
            joined
            and _is_header(joined[-1])
            and _columns(joined[-1]) == _columns(block)
            and not _is_header(block)
        ):
            joined[-1].extend(block)
        else:
            joined.append(list(block))
    return joined


def _columns(block: Grid) -> tuple[int, int]:
    used = [index for _, values in block for index, value in enumerate(values) if value]
    return min(used), max(used)


def _is_header(block: Grid) -> bool:
    first = [value for value in block[0][1] if value]
    return bool(first) and not any(_is_number(value) for value in first)


def _is_number(value: str) -> bool:
    return value.replace(",", "").replace(".", "").replace("%", "").replace("-", "").strip("$¥￥€ ").isdigit()


def _add_block(block: Grid, builder: Builder, *, sheet: str | None) -> None:
    titles, body = _titles(block)
    for number, values in titles:
        text = " ".join(value for value in values if value).replace("\\|", "|")
        builder.add("paragraph", text, sheet=sheet, cells=_range([(number, values)]))
    if not body:
        return
    if not is_table([values for _, values in body]):
        _add_lines(body, builder, sheet=sheet)
        return
    header, rest = body[0], body[1:]
    if not rest:
        builder.add("table", markdown([header[1]]), sheet=sheet, cells=_range(body))
    low, high = _columns(body)
    for start, end in groups(header[1], [values for _, values in rest]):
        part = [header, *rest[start:end]]
        full = [[*values, *[""] * (high + 1 - len(values))][low : high + 1] for _, values in part]
        builder.add("table", markdown(full), sheet=sheet, cells=_range(rest[start:end] if start else part))


def _add_lines(body: Grid, builder: Builder, *, sheet: str | None) -> None:
    for start, end in groups([], [values for _, values in body]):
        part = body[start:end]
        text = "\n".join(
            row[0].replace("\\|", "|") for row in ([" ".join(filter(None, values))] for _, values in part)
        )
        builder.add("paragraph", text, sheet=sheet, cells=_range(part))


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
