"""Keyset pagination: every list of the REST interface has a bound and an opaque cursor."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, TypeVar

import orjson
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from apps.core.problems import invalid

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
        rows = rows.filter(Q(**{f"{field}__{step}": value}) | Q(**{field: value, f"id__{step}": last_id}))
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
        raise invalid("cursor", _("This cursor is not one that the list gave.")) from None
