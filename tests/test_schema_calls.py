"""Calls made from the OpenAPI documents by schemathesis: no answer is a fault of ours, and none needs no key.

A call of each route by three callers, the same in every run; streams and files have tests of their own."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import pytest
import schemathesis
from django.test import Client
from django.urls import Resolver404, resolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from config.api import api, openai_api
from tests.access_table import ROWS
from tests.factories import ALL_SCOPES, People, bearer

pytestmark = pytest.mark.django_db
BOUNDED = settings(
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OTHERWISE = {(row.method, row.path) for row in ROWS if row.asks or row.form is not None}
LONG = {("POST", "/api/v1/examination"), ("POST", "/api/v1/providers/test"), ("GET", "/api/v1/models")}


def operations() -> list[Any]:
    found = []
    for prefix, interface in (("/api/v1", api), ("/v1", openai_api)):
        document = interface.get_openapi_schema(path_prefix=prefix)
        schema = schemathesis.openapi.from_dict(dict(document))
        for result in schema.get_all_operations():
            operation = result.ok()
            if (operation.method.upper(), operation.path) not in OTHERWISE | LONG:
                found.append(operation)
    return found


def send(client: Client, case: Any, headers: dict[str, str]) -> Any:
    told = case.as_transport_kwargs(base_url="http://testserver")
    raw = told.get("json")
    options = {"QUERY_STRING": _query(told.get("params") or {}), **headers, "HTTP_ACCEPT_LANGUAGE": "en"}
    address = told["url"].removeprefix("http://testserver")
    if raw is None:
        return client.generic(told["method"], address, told.get("data") or b"", "application/json", **options)

    return client.generic(told["method"], address, json.dumps(raw), "application/json", **options)


def is_route(case: Any) -> bool:
    """Values that the path does not take (a number below zero) make an address that is nobody's."""
    try:
        resolve(unquote(urlsplit(case.as_transport_kwargs(base_url="http://testserver")["url"]).path))
    except Resolver404:
        return False
    return True


def _query(params: dict[str, Any]) -> str:

    return urlencode(params, doseq=True, errors="replace")


def test_calls_from_the_documents_find_no_fault_of_ours(people):
    wrong: list[str] = []
    for operation in operations():
        calls_of(operation, people, wrong)
    assert wrong == []


def calls_of(
    operation: Any, people: People, wrong: list[str], *, cases: int = 1, seed: int | None = None
) -> int:
    """Try an operation by three callers; notes what was wrong and returns how many calls were sent. Without a
    seed the calls are the same in every run."""
    client = Client(raise_request_exception=False)
    open_to_all = operation.definition.raw.get("security") == []
    keys = {
        "nobody": {},
        "alice": bearer(people.alice, *ALL_SCOPES),
        "root": bearer(people.root, *ALL_SCOPES, "admin"),
    }
    sent: list[str] = []

    @settings(BOUNDED, max_examples=cases, derandomize=seed is None)
    @given(case=operation.as_strategy())
    def call(case):
        for who, headers in keys.items():
            status = send(client, case, headers).status_code
            sent.append(who)
            if status >= 500 and status not in {503, 507}:
                wrong.append(f"{operation.label}: {status} for {who}: {case.query} {str(case.body)[:200]}")
            if who == "nobody" and not open_to_all and status != 401 and is_route(case):
                wrong.append(f"{operation.label}: {status} without a key")

    (call if seed is None else seeded(seed)(call))()
    return len(sent)
