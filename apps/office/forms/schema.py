"""A form as JSON Schema 2020-12 and as a UI schema."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from apps.office.forms.fields import Form, FormField

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PHONE = r"^\+?[0-9][0-9\- ]{5,19}$"
ACCOUNT = r"^[0-9]{8,30}$"
WIDGETS = {"Textarea": "textarea", "Money": "updown", "Number": "updown", "Date": "date", "Selector": "select", "File": "file", "PhoneNumber": "tel"}  # fmt: skip
_TEXT: dict[str, Any] = {"type": "string", "maxLength": 200}
_FILE: dict[str, Any] = {"type": "string", "maxLength": 500}
_SHAPES: dict[str, dict[str, Any]] = {
    "Text": _TEXT,
    "Textarea": {"type": "string", "maxLength": 5000},
    "Number": {"type": "number"},
    "Money": {"type": "number", "minimum": 0},
    "Date": {"type": "string", "format": "date"},
    "Contact": _TEXT,
    "Location": _TEXT,
    "PhoneNumber": {"type": "string", "pattern": PHONE},
    "BankAccount": {"type": "string", "pattern": ACCOUNT},
    "RelatedApproval": _TEXT,
    "File": {"type": "array", "maxItems": 20, "items": _FILE},
    "DateRange": {
        "type": "object",
        "properties": {
            "start": {"type": "string", "format": "date"},
            "end": {"type": "string", "format": "date"},
        },
        "required": ["start", "end"],
        "additionalProperties": False,
    },
}


def json_schema(form: Form, *, form_id: str = "") -> dict[str, Any]:
    """`x-checks` are the checks between fields, which no JSON Schema can say."""
    values = [one for one in form.fields if one.control != "Tips"]
    schema: dict[str, Any] = {"$schema": DIALECT}
    if form_id:
        schema["$id"] = f"urn:askive:form:{form_id}"
    return schema | {
        "title": form.title,
        "type": "object",
        "properties": {one.key: shape(one) for one in values},
        "required": [one.key for one in values if one.required],
        "additionalProperties": False,
        "x-checks": [asdict(one) for one in form.checks],
    }


def shape(field: FormField) -> dict[str, Any]:
    """The schema of one field. A required text or list is not empty."""
    made: dict[str, Any] = {"title": field.title}
    if field.hint:
        made["description"] = field.hint
    if field.control == "Selector":
        made |= _choices(field)
    elif field.control == "Table":
        made |= _rows(field)
    else:
        made |= _SHAPES[field.control]
    if field.required and made["type"] == "string" and "enum" not in made:
        made["minLength"] = 1
    if field.required and made["type"] == "array":
        made["minItems"] = 1
    return made


def _choices(field: FormField) -> dict[str, Any]:
    one: dict[str, Any] = {"type": "string"}
    if field.options:
        one["enum"] = list(field.options)
    if not field.many:
        return one
    return {"type": "array", "items": one, "uniqueItems": True}


def _rows(field: FormField) -> dict[str, Any]:
    row = {
        "type": "object",
        "properties": {one.key: shape(one) for one in field.columns},
        "required": [one.key for one in field.columns if one.required],
        "additionalProperties": False,
    }
    return {"type": "array", "maxItems": 500, "items": row}


def ui_schema(form: Form) -> dict[str, Any]:
    """Order, controls and hints; `ui:widget` where react-jsonschema-form has one."""
    made: dict[str, Any] = {"ui:order": [one.key for one in form.fields]}
    for one in form.fields:
        made[one.key] = _look(one)
    return made


def _look(field: FormField) -> dict[str, Any]:
    look: dict[str, Any] = {"ui:control": field.control, "ui:title": field.title}
    if field.control in WIDGETS:
        look["ui:widget"] = WIDGETS[field.control]
    if field.hint:
        look["ui:help"] = field.hint
    if field.control == "Money":
        look["ui:options"] = {"currency": "CNY", "decimals": 2}
    if field.columns:
        look["items"] = {
            "ui:order": [one.key for one in field.columns],
            **{one.key: _look(one) for one in field.columns},
        }
    return look
