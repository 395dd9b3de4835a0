"""A definition that a person or a model wrote, checked and made into a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.core.problems import invalid
from apps.office.forms.checking import column_of
from apps.office.forms.fields import (
    CONTROLS,
    IN_TABLES,
    LONGEST_HINT,
    LONGEST_TITLE,
    MOST_CHECKS,
    MOST_COLUMNS,
    MOST_FIELDS,
    MOST_OPTIONS,
    Check,
    Form,
    FormField,
    keyed,
)
from apps.office.notices.facts import clean

ARITY = {"order": 2, "sum": 2, "product": 3, "days": 2, "positive": 1}


def built(title: str, fields: Sequence[Mapping[str, Any]], checks: Sequence[Mapping[str, Any]] = ()) -> Form:
    """Raises Problem 422 with the place of what does not fit. Keys are given anew; checks name the keys as sent."""
    name = clean(title)[:LONGEST_TITLE]
    if not name:
        raise invalid("title", _("A form needs a title."))
    if not fields or len(fields) > MOST_FIELDS:
        raise invalid("fields", _("A form has 1 to %(most)d fields.") % {"most": MOST_FIELDS})
    made = [_field(one, where=f"fields.{place}", controls=CONTROLS) for place, one in enumerate(fields)]
    new = keyed(made)
    names = {old.key: fresh.key for old, fresh in zip(made, new, strict=True) if old.key}
    for old, fresh in zip(made, new, strict=True):
        pairs = zip(old.columns, fresh.columns, strict=True)
        names |= {f"{old.key}.{one.key}": f"{fresh.key}.{two.key}" for one, two in pairs if old.key}
    form = Form(name, new)
    kept = tuple(
        _check(one, names, form, where=f"checks.{at}") for at, one in enumerate(checks[:MOST_CHECKS])
    )
    return Form(name, new, kept)


def _field(one: Mapping[str, Any], *, where: str, controls: Sequence[str]) -> FormField:
    title = clean(str(one.get("title") or ""))
    if not title or len(title) > LONGEST_TITLE:
        raise invalid(
            f"{where}.title",
            _("A field needs a title of at most %(most)d characters.") % {"most": LONGEST_TITLE},
        )
    control = str(one.get("control") or "")
    if control not in controls:
        raise invalid(f"{where}.control", _("Choose one of: %(names)s.") % {"names": ", ".join(controls)})
    hint = clean(str(one.get("hint") or ""))
    if len(hint) > LONGEST_HINT:
        raise invalid(f"{where}.hint", _("At most %(most)d characters.") % {"most": LONGEST_HINT})
    options = tuple(
        dict.fromkeys(text for raw in one.get("options") or () if (text := clean(str(raw))[:100]))
    )
    columns = one.get("columns") or ()
    if len(options) > MOST_OPTIONS or len(columns) > MOST_COLUMNS:
        raise invalid(where, _("These are too many."))
    return FormField(
        key=str(one.get("key") or ""),
        title=title,
        control=control,
        required=bool(one.get("required")) and control != "Tips",
        hint=hint,
        options=options if control == "Selector" else (),
        columns=tuple(
            _field(column, where=f"{where}.columns.{place}", controls=IN_TABLES)
            for place, column in enumerate(columns if control == "Table" else ())
        ),
        many=bool(one.get("many")) and control == "Selector",
    )


def _check(one: Mapping[str, Any], names: Mapping[str, str], form: Form, *, where: str) -> Check:
    kind = str(one.get("kind") or "")
    keys = tuple(names.get(str(key), str(key)) for key in one.get("fields") or ())
    if ARITY.get(kind) != len(keys) or any(column_of(form, key) is None for key in keys):
        raise invalid(where, _("This check names a kind or a field that is not there."))
    return Check(kind, keys)  # type: ignore[arg-type]
