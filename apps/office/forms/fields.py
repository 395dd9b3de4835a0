"""The fields of a form and the portable controls that they use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

CONTROLS = (
    "Text", "Textarea", "Number", "Money", "Date", "DateRange", "Selector", "Contact", "File", "Table",
    "Location", "PhoneNumber", "BankAccount", "RelatedApproval", "Tips",
)  # fmt: skip
LONGEST_TITLE, LONGEST_HINT, MOST_FIELDS, MOST_OPTIONS, MOST_COLUMNS, MOST_CHECKS = 40, 80, 60, 50, 12, 30
IN_TABLES = tuple(name for name in CONTROLS if name not in {"Table", "Tips", "DateRange"})


@dataclass(frozen=True, slots=True)
class FormField:
    """`key` names the value; `options` of a Selector, `columns` of a Table; `many`: several of the options."""

    key: str
    title: str
    control: str
    required: bool = False
    hint: str = ""
    options: tuple[str, ...] = ()
    columns: tuple[FormField, ...] = ()
    many: bool = False


CheckKind = Literal["order", "sum", "product", "days", "positive"]


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold between fields, by their keys; "table.column" for a column.

    order: the first day is not after the second. sum: the column adds up to the field. product: in each row the
    first times the second is the third. days: the field is not more than the days of the range. positive: above 0."""

    kind: CheckKind
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    title: str
    fields: tuple[FormField, ...]
    checks: tuple[Check, ...] = ()
    template: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def form_from(data: Mapping[str, Any]) -> Form:
    """The reverse of as_json."""
    return Form(
        data["title"],
        tuple(_field(one) for one in data["fields"]),
        tuple(Check(one["kind"], tuple(one["fields"])) for one in data["checks"]),
        data.get("template", ""),
    )


def _field(data: Mapping[str, Any]) -> FormField:
    return FormField(
        data["key"],
        data["title"],
        data["control"],
        data["required"],
        data["hint"],
        tuple(data["options"]),
        tuple(_field(one) for one in data["columns"]),
        data["many"],
    )


def keyed(fields: Sequence[FormField], *, prefix: str = "field") -> tuple[FormField, ...]:
    """With keys by place, field_01 and so on: letters and digits alone, so that any program takes them."""
    from dataclasses import replace

    return tuple(
        replace(one, key=f"{prefix}_{place:02d}", columns=keyed(one.columns, prefix="column"))
        for place, one in enumerate(fields, start=1)
    )
