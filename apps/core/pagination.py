"""Keyset pagination: every list of the REST interface has a bound and an opaque cursor."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, TypeVar

import orjson
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from apps.core.problems import Problem, invalid

M = TypeVar("M", bound=Model)
MAX_LIMIT = 200


def paginate(rows: QuerySet[M], *, limit: int, cursor: str | None, by: str) -> tuple[list[M], str | None]:
    """One page ordered by `by` ("name" or "-created_at") and then id, with the next page's cursor."""
    if not 1 <= limit <= MAX_LIMIT:
        raise invalid("limit", _("limit must be between 1 and %(most)d.") % {"most": MAX_LIMIT})
    field, descending = by.lstrip("-"), by.startswith("-")
    rows = rows.order_by(by, "-id" if descending else "id")
    if cursor:
        value, last_id = _decode(cursor)
        step = "lt" if descending else "gt"
        try:
            rows = rows.filter(Q(**{f"{field}__{step}": value}) | Q(**{field: value, f"id__{step}": last_id}))
        except (ValueError, TypeError, ValidationError):  # the cursor of a list with another order
            raise _foreign_cursor() from None
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], _encode(getattr(last, field), last.pk)


def _encode(value: Any, key: Any) -> str:
    kind = "t" if isinstance(value, datetime) else "s"
    return base64.urlsafe_b64encode(orjson.dumps([kind, value, str(key)])).decode()


def _decode(cursor: str) -> tuple[Any, str]:
    try:
        kind, value, key = orjson.loads(base64.urlsafe_b64decode(cursor))
        return (datetime.fromisoformat(value) if kind == "t" else str(value)), str(key)
    except (ValueError, TypeError, binascii.Error):
        raise _foreign_cursor() from None


def _foreign_cursor() -> Problem:
    return invalid("cursor", _("This cursor is not one that the list gave."))
