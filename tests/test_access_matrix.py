"""Every route of the REST interfaces, for every kind of caller, on an object of theirs and on another's.

The routes come from the OpenAPI documents, the answers from the table in tests/access_table.py."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Model

from apps.accounts.models import User
from apps.cabinets.models import Document
from apps.cabinets.services.folders import folder_create
from apps.cabinets.services.grants import folder_set_inherits
from config.api import api, openai_api
from tests.access_table import CALLERS, ROWS, Row
from tests.access_world import World, world  # noqa: F401 - a fixture
from tests.factories import Api

MISSING = "There is a route without a row in tests/access_table.py"


def routes() -> set[tuple[str, str]]:
    return {
        (method.upper(), f"{prefix}{path}")
        for prefix, interface in (("/api/v1", api), ("/v1", openai_api))
        for path, methods in interface.get_openapi_schema(path_prefix="")["paths"].items()
        for method in methods
    }


def test_every_route_has_one_row_in_the_table():
    rows = [(row.method, row.path) for row in ROWS]
    assert routes() - set(rows) == set(), MISSING
    assert set(rows) - routes() == set(), "a row names a route that is not there"
    assert len(rows) == len(set(rows))


def filled(template: Any, parts: dict[str, Any]) -> Any:
    """The template with {name} replaced by its part, in texts at any depth."""
    raw = json.dumps(template)
    for name, part in parts.items():
        raw = raw.replace("{" + name + "}", str(part))
    return json.loads(raw)


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", uuid4().hex)
    return out.getvalue()


def call(row: Row, caller: Api, parts: dict[str, Model | Any]):
    path = filled(row.path, parts)
    if row.archive:
        form = {"archive": SimpleUploadedFile("files.zip", zipped()), **filled(row.form, parts)}
        return caller.client.post(path, form, **caller.headers)
    if row.form is not None:
        return caller.upload((f"{uuid4()}.txt", uuid4().hex), to=path, **filled(row.form, parts))
    return caller.send(row.method, path, filled(row.body, parts))


def wrong(row: Row, world: World) -> list[str]:  # noqa: F811
    """Where the route answers otherwise than its row says."""
    found = []
    for side in row.oracle:
        expected = row.expected(side)
        made = [world.make(row.object, side)] if row.method == "GET" else None  # reading leaves it as it is
        got = {
            who: call(
                row, world.caller(who, row), made[0] if made else world.make(row.object, side)
            ).status_code
            for who in CALLERS
        }
        found += [
            f"{row.method} {row.path} on {side}, {who}: {got[who]} instead of {expected[who]}"
            for who in CALLERS
            if got[who] != expected[who]
        ]
    return found


def grouped(rows: list[Row]) -> list[Any]:
    """By the first word of the path: the world of a test is made once for them all."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault("/".join(row.path.split("/")[1:4]), []).append(row)
    return [pytest.param(rows, id=name) for name, rows in groups.items()]


def named(rows: list[Row]) -> list[Any]:
    return [pytest.param(row, id=f"{row.method} {row.path}") for row in rows]


@pytest.mark.django_db
@pytest.mark.parametrize("rows", grouped([row for row in ROWS if not row.asks]))
def test_a_route_answers_each_caller_as_the_table_says(world, rows):  # noqa: F811
    found: list[str] = []
    for row in rows:
        with transaction.atomic():
            found += wrong(row, world)
            transaction.set_rollback(True)
        cache.clear()
    assert found == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("row", named([row for row in ROWS if row.asks]))
def test_a_route_that_asks_answers_each_caller_as_the_table_says(world, row):  # noqa: F811
    assert wrong(row, world) == []


def in_closed_folder(document: Document) -> None:
    """Into a folder that stands alone, where nobody was granted anything."""
    alice, root = User.objects.get(username="alice"), document.folder
    alone = folder_create(by=alice, parent=root, name="alone")
    folder_set_inherits(alone, by=alice, inherits=False, keep=False)
    Document.objects.filter(pk=document.pk).update(folder=alone)


def above_clearance(document: Document) -> None:
    Document.objects.filter(pk=document.pk).update(secrecy=2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hide", "left"), [(in_closed_folder, {"alice", "root"}), (above_clearance, {"root"})]
)
def test_what_a_closed_folder_or_a_level_hides_is_hidden_on_every_route(world, hide, left):  # noqa: F811
    rows = [row for row in ROWS if row.object == "document" and not row.asks]
    assert len(rows) > 15
    for row in rows:
        parts: dict[str, Any] = {}
        for who in ("bob", "carol", "alice", "root"):
            if row.method != "GET" or not parts:
                parts = world.make("document", "own")
                hide(Document.objects.get(pk=parts["document_id"]))
            status = call(row, world.callers[who], parts).status_code
            expected = row.expected("own")[who] if who in left else 404
            assert status == expected, f"{who} {row.method} {row.path}"
