"""Reading bodies and queries: NUL is in no text, whatever the database would say to it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja.parser import Parser

from apps.core.problems import Problem, invalid


class StrictParser(Parser):
    """PostgreSQL refuses NUL in text and in JSON, SQLite keeps it: here nobody gets to see it."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = super().parse_body(request)
        if b"\\u0000" in request.body and (field := _field_with_nul(body, "")) is not None:
            raise _refusal(field)
        return body

    def parse_querydict(
        self, data: MultiValueDict, list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        for field, values in data.lists():
            if any("\0" in value for value in (field, *values) if isinstance(value, str)):
                raise _refusal(field)
        return super().parse_querydict(data, list_fields, request)


def _refusal(field: str) -> Problem:
    return invalid(field.replace("\0", "")[:200], _("The text holds a NUL character."))


def _field_with_nul(value: Any, name: str) -> str | None:
    """The dotted name of the first text with a NUL, found without recursion: depth is the caller's choice."""
    waiting = [(name, value)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, str) and "\0" in value:
            return name
        if isinstance(value, dict):
            waiting += [(f"{name}.{key}".lstrip("."), item) for key, item in value.items()]
            waiting += [(name, key) for key in value]
        elif isinstance(value, list):
            waiting += [(f"{name}.{place}", item) for place, item in enumerate(value)]
    return None
