"""The forms that most offices need, in a short notation: title:Control! with options or columns in brackets.

Titles, options and columns are given in both languages, Chinese|English; checks name the Chinese titles."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from apps.office.forms.fields import Check, Form, FormField, keyed

DATA = Path(__file__).resolve().parent.parent / "data" / "forms.json"
_FIELD = re.compile(r"^(?P<title>[^:]+):(?P<control>[A-Za-z]+)(?P<must>!?)(?:\((?P<inside>.*)\))?$")


@dataclass(frozen=True, slots=True)
class Template:
    """`match`: words of a description that call for it."""

    id: str
    zh: str
    en: str
    match: str
    fields: tuple[str, ...]
    checks: tuple[str, ...]

    def title(self, language: str) -> str:
        return self.en if language == "en" else self.zh


@cache
def templates() -> tuple[Template, ...]:
    entries = json.loads(DATA.read_text(encoding="utf-8"))
    return tuple(
        Template(one["id"], one["zh"], one["en"], one["match"], tuple(one["fields"]), tuple(one["checks"]))
        for one in entries
    )


def template_named(name: str) -> Template | None:
    """By its id, or its Chinese or English title."""
    return next((one for one in templates() if name in {one.id, one.zh, one.en}), None)


def template_for(brief: str) -> Template | None:
    """The one whose words come first in a description."""
    found = [
        (match.start(), one)
        for one in templates()
        if (match := re.search(one.match, brief, re.I)) is not None
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def form_of(template: Template, *, language: str = "zh") -> Form:
    place = 1 if language == "en" else 0
    chinese = keyed([_read(text, place=0) for text in template.fields])
    fields = keyed([_read(text, place=place) for text in template.fields])
    names = {one.title: one for one in chinese}
    checks = tuple(_check(text, names) for text in template.checks)
    return Form(template.title(language), fields, checks, template.id)


def _said(text: str, place: int) -> str:
    """Of "年休假|Annual leave" the one at this place."""
    parts = text.split("|")
    return parts[min(place, len(parts) - 1)]


def _read(text: str, *, place: int) -> FormField:
    match = _FIELD.match(text)
    if match is None:
        raise ValueError(f"not a field: {text}")
    control, inside = match["control"], match["inside"] or ""
    columns: Sequence[FormField] = ()
    options: tuple[str, ...] = ()
    if control == "Table":
        columns = [_read(part, place=place) for part in _split(inside)]
    elif control == "Selector":
        options = tuple(_said(part, place) for part in re.split("[,/]", inside))
    return FormField(
        "", _said(match["title"], place), control, bool(match["must"]), "", options, tuple(columns)
    )


def _split(text: str) -> list[str]:
    """At commas outside brackets."""
    return re.findall(r"(?:[^,(]|\([^)]*\))+", text)


def _check(text: str, names: Mapping[str, FormField]) -> Check:
    kind, *titles = text.split()
    return Check(kind, tuple(_key(title, names) for title in titles))  # type: ignore[arg-type]


def _key(title: str, names: Mapping[str, FormField]) -> str:
    name, _dot, column = title.partition(".")
    field = names[name]
    if not column:
        return field.key
    return f"{field.key}.{next(one.key for one in field.columns if one.title == column)}"
