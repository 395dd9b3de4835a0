"""JSON and JSON Lines: key paths as headings, plain values a line each, lists of objects as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from apps.rag.errors import ParseError
from apps.rag.parsing.build import Builder
from apps.rag.parsing.clean import one_line, squeeze
from apps.rag.parsing.grid import Grid, add_grid
from apps.rag.parsing.measure import units
from apps.rag.parsing.notes import note
from apps.rag.parsing.tables import GROUP_UNITS, cell
from apps.rag.parsing.text import read
from apps.rag.types import ParsedDocument

MAX_ROWS = 50_000
MAX_COLUMNS = 100
_LONG_CELL = 300  # characters; records with longer values are texts, not rows
_MAX_DEPTH = 8  # of headings; what lies deeper is told by its key path
_FLAT = 3  # levels of objects that become columns such as "address.city"


def parse_json(path: Path) -> ParsedDocument:
    """Raises ParseError: empty, encoding, corrupt."""
    builder = Builder()
    text = read(path, builder)
    if not text.strip():
        raise ParseError("the file has no text", code="empty")
    _Walk(builder).value(_load(text), ())
    return builder.document()


def _load(text: str) -> Any:
    """A JSON document, or JSON Lines as a list."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as whole:
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) < 2:
            raise ParseError(f"JSON: {whole}", code="corrupt") from whole
        try:
            return [orjson.loads(line) for line in lines]
        except orjson.JSONDecodeError:
            raise ParseError(f"JSON: {whole}", code="corrupt") from whole


class _Walk:
    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._lines: list[str] = []
        self._size = 0.0

    def value(self, value: Any, path: tuple[str, ...]) -> None:
        """Everything below a value; `path` holds the keys that lead to it."""
        if isinstance(value, dict):
            self._object(value, path)
        elif isinstance(value, list):
            self._list(value, path)
        else:
            self._line(path[-1:] or ("value",), value)
        self._flush()

    def _object(self, value: Mapping[str, Any], path: tuple[str, ...]) -> None:
        for key, item in value.items():
            if not isinstance(item, (dict, list)):
                self._line((key,), item)
        self._flush()
        for key, item in value.items():
            if isinstance(item, (dict, list)) and item:
                self._under((*path, key), item)

    def _under(self, path: tuple[str, ...], value: Any) -> None:
        name = path[-1] if len(path) <= _MAX_DEPTH else _shown(path)
        self._builder.heading(one_line(name)[:200], level=min(len(path), _MAX_DEPTH))
        self.value(value, path)

    def _list(self, items: list[Any], path: tuple[str, ...]) -> None:
        if items and all(isinstance(item, dict) for item in items):
            rows = [dict(_flat(item)) for item in items[:MAX_ROWS]]
            if len(items) > MAX_ROWS:
                self._builder.warn(note("rows_cut", sheet=_shown(path) or "JSON", kept=MAX_ROWS))
            if _tabulates(rows):
                self._table(rows, path)
                return
        for number, item in enumerate(items, start=1):
            if isinstance(item, (dict, list)):
                self._under((*path[:-1], f"{path[-1] if path else ''}[{number}]"), item)
                self._flush()
            else:
                self._line((), item)

    def _table(self, rows: list[dict[str, str]], path: tuple[str, ...]) -> None:
        columns = list(dict.fromkeys(key for row in rows for key in row))
        if len(columns) > MAX_COLUMNS:
            self._builder.warn(note("columns_cut", sheet=_shown(path) or "JSON", kept=MAX_COLUMNS))
        columns = columns[:MAX_COLUMNS]
        grid: Grid = [(1, [cell(column) for column in columns])]
        for number, row in enumerate(rows, start=2):
            grid.append((number, [row.get(column, "") for column in columns]))
        add_grid(grid, self._builder, sheet=None)

    def _line(self, path: tuple[str, ...], value: Any) -> None:
        """Gathered into paragraphs of a chunk's size."""
        text = squeeze(_plain(value))
        if not text:
            return
        line = f"{_shown(path)}: {text}" if path else f"- {text}"
        if self._size + units(line) > GROUP_UNITS:
            self._flush()
        self._lines.append(line)
        self._size += units(line)

    def _flush(self) -> None:
        lines, self._lines, self._size = self._lines, [], 0.0
        self._builder.add("paragraph", "\n".join(lines))


def _flat(value: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """(column, cell) pairs of a record."""
    for key, item in value.items():
        path = (*above, key)
        if isinstance(item, dict) and item and len(path) < _FLAT:
            yield from _flat(item, path)
        elif isinstance(item, list) and not any(isinstance(entry, (dict, list)) for entry in item):
            yield _shown(path), cell(", ".join(map(_plain, item)))
        else:
            yield _shown(path), cell(_plain(item))


def _tabulates(rows: list[dict[str, str]]) -> bool:
    """Whether records are short and alike enough to be rows."""
    columns = {key for row in rows for key in row}
    filled = sum(len(row) for row in rows)
    longest = max((len(value) for row in rows for value in row.values()), default=0)
    return len(rows) > 1 and longest <= _LONG_CELL and filled * 3 >= len(columns) * len(rows)


def _shown(path: tuple[str, ...]) -> str:
    return ".".join(path)


def _plain(value: Any) -> str:
    """A value as people write it; null is nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
