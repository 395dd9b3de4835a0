"""People as a CSV file: told for a spreadsheet, and taken over from one after a look at what would change.

One row a person, the first line names the columns. Nothing is changed where a single row has an error.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import selectors, services
from apps.accounts.departments import LONGEST_PATH, clean_title, department_ensure, group_create
from apps.accounts.models import Group, Source, User
from apps.accounts.trail import audit_record
from apps.core.problems import Problem, invalid
from apps.core.spreadsheets import as_meant, csv_lines

COLUMNS = ("username", "display_name", "departments", "groups", "active")
ONLY_IN = ("password",)  # never told
ONLY_OUT = ("administrator",)  # a file makes nobody an administrator
SEVERAL = ";"
MOST_BYTES, MOST_ROWS = 2 * 1024 * 1024, 5000
YES, NO = {"yes", "true", "1", "是", "在职", "y"}, {"no", "false", "0", "否", "离职", "n"}


@dataclass
class Row:
    """`action`: create, update, same or error. `line` as an editor counts, the head being 1."""

    line: int
    values: dict[str, str]
    action: str = ""
    errors: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    user: User | None = None

    @property
    def username(self) -> str:
        return self.values.get("username", "")


def export() -> Iterator[bytes]:
    rows = selectors.people().prefetch_related("departments", "teams").iterator(chunk_size=500)
    return csv_lines(
        (*COLUMNS, *ONLY_OUT), ((*_told(user), user.is_superuser and "yes" or "no") for user in rows)
    )


def _told(user: User) -> tuple[str, ...]:
    departments = SEVERAL.join(one.path for one in user.departments.all())
    groups = SEVERAL.join(one.name for one in user.teams.all())
    return user.username, user.display_name, departments, groups, "yes" if user.is_active else "no"


def read(raw: bytes) -> list[Row]:
    """The rows with what each would do. Raises Problem for a file that is none."""
    if len(raw) > MOST_BYTES:
        raise Problem(413, _("The file is larger than %(most)d MB.") % {"most": 2}, code="too_large")
    text = _text(raw)
    try:
        dialect = csv.Sniffer().sniff(text.splitlines()[0], delimiters=",;\t") if text.strip() else csv.excel
    except csv.Error:
        dialect = csv.excel
    try:
        lines = list(csv.reader(io.StringIO(text), dialect))
    except csv.Error as error:
        raise invalid("file", _("The file is not CSV: %(reason)s") % {"reason": error}) from None
    return _planned(_rows(lines))


def _text(raw: bytes) -> str:
    """UTF-8, else what Chinese spreadsheets write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            continue
    raise invalid("file", _("The file is neither UTF-8 nor GB 18030."))


def _rows(lines: list[list[str]]) -> list[Row]:
    head = [name.strip().lower() for name in lines[0]] if lines else []
    if "username" not in head:
        listed = ", ".join((*COLUMNS, *ONLY_IN))
        raise invalid("file", _("The first line must name the columns: %(columns)s.") % {"columns": listed})
    if unknown := sorted(set(head) - {*COLUMNS, *ONLY_IN, *ONLY_OUT, ""}):
        raise invalid("file", _("Unknown columns: %(columns)s.") % {"columns": ", ".join(unknown)[:300]})
    if len(set(head)) < len(head):
        raise invalid("file", _("A column stands there twice."))
    body = [
        (place, line) for place, line in enumerate(lines[1:], start=2) if any(cell.strip() for cell in line)
    ]
    if len(body) > MOST_ROWS:
        raise invalid("file", _("At most %(most)d people in one file.") % {"most": MOST_ROWS})
    taken = [name for name in head if name not in ONLY_OUT]
    return [
        Row(
            place,
            {name: as_meant(cell).strip() for name, cell in zip(head, line, strict=False) if name in taken},
        )
        for place, line in body
    ]


def _planned(rows: list[Row]) -> list[Row]:
    names = [row.username for row in rows]
    found = selectors.people().filter(username__in=names).prefetch_related("departments", "teams")
    known = {user.username: user for user in found}
    taken = {name.lower() for name in User.objects.values_list("username", flat=True)} - {
        name.lower() for name in known
    }
    seen: set[str] = set()
    for row in rows:
        row.user = known.get(row.username)
        row.errors = list(_errors(row, taken))
        if row.username.lower() in seen:
            row.errors.append(_("This person stands there twice."))
        seen.add(row.username.lower())
        row.changes = [] if row.errors else _changes(row)
        row.action = (
            "error" if row.errors else "create" if row.user is None else "update" if row.changes else "same"
        )
    return rows


def _errors(row: Row, taken: set[str]) -> Iterator[str]:
    try:
        UnicodeUsernameValidator()(row.username)
    except ValidationError:
        yield _("This is no name for signing in.")
    if len(row.username) > 150 or len(row.values.get("display_name", "")) > 120:
        yield _("A name is too long.")
    if row.username.lower() in taken:
        yield _("Somebody has this name in other letters.")
    if (active := row.values.get("active", "").lower()) and active not in YES | NO:
        yield _("active is yes or no.")
    if password := row.values.get("password", ""):
        yield from _of(lambda: validate_password(password, row.user or User(username=row.username)))
    for path in _several(row, "departments"):
        for part in path.split("/"):
            yield from _of(lambda part=part: clean_title(part))
        if len(path) > LONGEST_PATH:
            yield _("The path of this department would be too long.")
    for name in _several(row, "groups"):
        yield from _of(lambda name=name: clean_title(name))


def _of(check: Any) -> Iterator[str]:
    """The sentences of a check that refuses."""
    try:
        check()
    except ValidationError as error:
        yield from error.messages
    except Problem as problem:
        yield str(problem.detail)


def _several(row: Row, name: str) -> list[str]:
    parts = row.values.get(name, "").replace("；", SEVERAL).split(SEVERAL)
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _changes(row: Row) -> list[str]:
    """The columns that would be written; a column that the file does not have stays as it is."""
    user, values = row.user, row.values
    if user is None:
        return [name for name in values if values[name]]
    told = dict(zip(COLUMNS, _told(user), strict=True))
    found = []
    for name, value in values.items():
        if name in {"departments", "groups"}:
            differs = set(_several(row, name)) != set(filter(None, told[name].split(SEVERAL)))
        elif name == "active":
            differs = bool(value) and (value.lower() in YES) != user.is_active
        elif name == "password":
            differs = bool(value)
        else:
            differs = value != told[name]
        if differs:
            found.append(name)
    return found


@transaction.atomic
def apply(rows: list[Row], *, by: User) -> None:
    """All rows or none. Raises Problem 422 where one has an error."""
    if any(row.errors for row in rows):
        raise invalid("file", _("Some rows have errors. Nothing was changed."))
    for row in rows:
        if row.action in {"create", "update"}:
            try:
                _write(row, by=by)
            except Problem as problem:
                told = {"line": row.line, "reason": problem.detail}
                raise invalid("file", _("Line %(line)d: %(reason)s Nothing was changed.") % told) from problem
    done = {action: sum(row.action == action for row in rows) for action in ("create", "update")}
    audit_record(by, action="user.import", detail=done)


def _write(row: Row, *, by: User) -> None:
    user, values = row.user, row.values
    if user is None:
        user = User(username=row.username)
        user.set_unusable_password()  # until one is set here, or the person comes over a provider
        user.save()
        audit_record(by, action="user.create", target=user, detail={"from": "csv"})
    if "display_name" in row.changes:
        services.user_update(by=by, user=user, display_name=values["display_name"])
    if "departments" in row.changes:
        user.departments.set([department_ensure(path, by=by) for path in _several(row, "departments")])
        told = _several(row, "departments")
        audit_record(by, action="user.departments", target=user, detail={"departments": told})
    if "groups" in row.changes:
        user.teams.set([_group(name, by=by) for name in _several(row, "groups")])
        audit_record(by, action="user.groups", target=user, detail={"groups": _several(row, "groups")})
    if "password" in row.changes:
        services.user_set_password(by=by, user=user, password=values["password"])
    if "active" in row.changes and (values["active"].lower() in YES) != user.is_active:
        services.user_set_active(by=by, user=user, active=values["active"].lower() in YES)


def _group(name: str, *, by: User) -> Group:
    name = clean_title(name)
    return Group.objects.filter(name=name).first() or group_create(by=by, name=name, source=Source.CSV)
