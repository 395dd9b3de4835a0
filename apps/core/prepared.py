"""Questions to the database that are put into SQL once and asked with other values each time.

The ORM spends five to ten times as long on writing a SELECT as the database on answering it, and a search or a
question asks a dozen of the same ones. A prepared question keeps the SQL, never an answer: every call asks the
database. What may differ between two calls is a slot; all else is part of the question, so whoever makes one for a
person's rights keeps it by all that these rights depend on.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)  # of a list, which is filled up by its last value


class Slot(Expression):
    """A value that is known only when the question is asked. `place`: which one of a list."""

    def __init__(self, name: str, field: Field, place: int = 0) -> None:
        super().__init__(output_field=field)
        self.name, self.place = name, place

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]

    def filled(self, values: dict[str, Any], connection: Any) -> Any:
        value = values[self.name]
        if isinstance(value, list):
            value = value[min(self.place, len(value) - 1)]
        return self.output_field.get_db_prep_value(value, connection)


@dataclass(frozen=True, slots=True)
class Many:
    """A slot for one or more values, used with `__in`."""

    field: Field


@dataclass(frozen=True, slots=True)
class _Written:
    """`compiler` is None where no row can ever match."""

    rows: QuerySet
    compiler: SQLCompiler | None
    sql: str = ""
    params: tuple[Any, ...] = ()


class Prepared(Generic[Row]):
    """`build` gets a slot by name for each of `slots` and returns what is asked, an unevaluated queryset.

        named = Prepared(lambda name: User.objects.filter(username=name), name=CharField())
        people = named(name="li")

    Slots stand for values of a comparison only; None is not a value."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], **slots: Field | Many) -> None:
        self._build, self._slots = build, slots
        self._written: dict[tuple[int, ...], _Written] = {}
        self._lock = Lock()

    def __call__(self, **values: Any) -> list[Row]:
        """The rows as they are now. Raises ValueError for an empty or too long list."""
        given = {
            name: list(cast("Collection[Any]", values[name])) if isinstance(slot, Many) else values[name]
            for name, slot in self._slots.items()
        }
        sizes = tuple(_size(given[name]) for name, slot in self._slots.items() if isinstance(slot, Many))
        written = self._written.get(sizes) or self._write(sizes)
        if written.compiler is None:
            return []
        rows = written.rows._chain()  # type: ignore[attr-defined]
        connection = connections[rows.db]
        compiler = copy.copy(written.compiler)
        params = tuple(
            one.filled(given, connection) if isinstance(one, Slot) else one for one in written.params
        )
        compiler.connection = connection
        compiler.as_sql = lambda *_args, **_options: (written.sql, params)  # type: ignore[method-assign]
        rows.query.get_compiler = lambda *_args, **_options: compiler
        return list(rows)

    def first(self, **values: Any) -> Row | None:
        return next(iter(self(**values)), None)

    def _write(self, sizes: tuple[int, ...]) -> _Written:
        with self._lock:
            remaining = list(sizes)
            rows = self._build(
                **{
                    name: [Slot(name, slot.field, place) for place in range(remaining.pop(0))]
                    if isinstance(slot, Many)
                    else Slot(name, slot)
                    for name, slot in self._slots.items()
                }
            )
            compiler = rows.query.get_compiler(using=rows.db)
            try:
                sql, params = compiler.as_sql()
            except EmptyResultSet:
                self._written[sizes] = _Written(rows, None)
            else:
                self._written[sizes] = _Written(rows, compiler, sql, tuple(params))
            return self._written[sizes]


def _size(values: list[Any]) -> int:
    if not 1 <= len(values) <= SIZES[-1]:
        raise ValueError(f"A prepared question takes 1 to {SIZES[-1]} values in a list, not {len(values)}.")
    return next(size for size in SIZES if size >= len(values))
