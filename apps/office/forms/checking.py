"""Whether values fit a form: the schema, then what must hold between fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from apps.office.forms.fields import Check, Form, FormField
from apps.office.forms.schema import json_schema

MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """`field` is the key, "table.2.column" for a cell (rows from 0)."""

    field: str
    message: str


def faults(form: Form, values: Mapping[str, Any]) -> list[Fault]:
    """In the order of the form; empty where all is well."""
    found = [*_by_schema(form, values), *_ranges(form, values)]
    wrong = {fault.field.partition(".")[0] for fault in found}
    for check in form.checks:
        if not any(key.partition(".")[0] in wrong for key in check.fields):
            found += _CHECKS[check.kind](form, check, values)
    order = {one.key: place for place, one in enumerate(form.fields)}
    return sorted(found, key=lambda fault: order.get(fault.field.partition(".")[0], 99))[:MOST_FAULTS]


def _by_schema(form: Form, values: Mapping[str, Any]) -> Iterator[Fault]:
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(json_schema(form), format_checker=Draft202012Validator.FORMAT_CHECKER)
    missing: set[str] = set()  # each missing field has an error of its own, which does not name it
    for error in validator.iter_errors(dict(values)):
        path = [str(part) for part in error.absolute_path]
        if error.validator == "required":
            absent = (".".join([*path, key]) for key in error.validator_value if key not in error.instance)
            missing.update(absent)
        else:
            yield Fault(".".join(path), _said(error.validator, error.validator_value))
    yield from (Fault(key, _said("required", None)) for key in sorted(missing))


def _said(kind: str, value: Any) -> str:
    texts = {
        "required": _("Fill this in."),
        "minLength": _("Fill this in."),
        "minItems": _("Add at least one."),
        "enum": _("Choose one of the options."),
        "format": _("There is no such day. Write it as 2026-03-05."),
        "pattern": _("This does not look like one: check the digits."),
        "additionalProperties": _("The form has no such field."),
        "maxLength": _("This is too long."),
        "maxItems": _("These are too many."),
        "minimum": _("This must not be below %(least)s.") % {"least": value},
    }
    return texts.get(kind, _("This value does not fit the field."))


def _ranges(form: Form, values: Mapping[str, Any]) -> Iterator[Fault]:
    """A range ends on or after the day it begins."""
    for one in form.fields:
        days = _days(values.get(one.key)) if one.control == "DateRange" else None
        if days is not None and days[0] > days[1]:
            yield Fault(one.key, _("The end lies before the start."))


def _days(value: Any) -> tuple[date, date] | None:
    if not isinstance(value, Mapping):
        return None
    start, end = _day(value.get("start")), _day(value.get("end"))
    return (start, end) if start and end else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value)) if value is not None and not isinstance(value, bool) else None
    except InvalidOperation:
        return None


def _order(form: Form, check: Check, values: Mapping[str, Any]) -> list[Fault]:
    first, second = (_day(values.get(key)) for key in check.fields)
    if not first or not second or first <= second:
        return []
    return [
        Fault(
            check.fields[1],
            _("This must not lie before “%(other)s”.") % {"other": _title(form, check.fields[0])},
        )
    ]


def _sum(form: Form, check: Check, values: Mapping[str, Any]) -> list[Fault]:
    (table, _dot, column), key = check.fields[0].partition("."), check.fields[1]
    rows = values.get(table) or []
    total = _number(values.get(key))
    added = sum((_number(row.get(column)) or Decimal(0) for row in rows), Decimal(0))
    if total is None or not rows or added == total:
        return []
    return [Fault(key, _("The rows add up to %(sum)s.") % {"sum": f"{added:f}"})]


def _product(form: Form, check: Check, values: Mapping[str, Any]) -> list[Fault]:
    table = check.fields[0].partition(".")[0]
    one, two, result = (key.partition(".")[2] for key in check.fields)
    found = []
    for place, row in enumerate(values.get(table) or []):
        factors = _number(row.get(one)), _number(row.get(two)), _number(row.get(result))
        if None in factors:
            continue
        expected = (factors[0] * factors[1]).quantize(Decimal("0.01"))  # type: ignore[operator]
        if expected != factors[2]:
            found.append(
                Fault(
                    f"{table}.{place}.{result}",
                    _("This should be %(value)s.") % {"value": f"{expected.normalize():f}"},
                )
            )
    return found


def _count(form: Form, check: Check, values: Mapping[str, Any]) -> list[Fault]:
    days, told = _days(values.get(check.fields[0])), _number(values.get(check.fields[1]))
    if days is None or told is None:
        return []
    most = (days[1] - days[0]).days + 1
    if 0 < told <= most:
        return []
    return [Fault(check.fields[1], _("The period has %(days)d days.") % {"days": most})]


def _positive(form: Form, check: Check, values: Mapping[str, Any]) -> list[Fault]:
    told = _number(values.get(check.fields[0]))
    return [Fault(check.fields[0], _("This must be more than 0."))] if told is not None and told <= 0 else []


def _title(form: Form, key: str) -> str:
    return next((one.title for one in form.fields if one.key == key), key)


_CHECKS = {"order": _order, "sum": _sum, "product": _product, "days": _count, "positive": _positive}


def column_of(form: Form, key: str) -> FormField | None:
    """The field or column behind "table.column"."""
    name, _dot, column = key.partition(".")
    field = next((one for one in form.fields if one.key == name), None)
    if field is None or not column:
        return field
    return next((one for one in field.columns if one.key == column), None)
