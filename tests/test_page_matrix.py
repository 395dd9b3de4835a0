"""Every page of the browser, for every kind of caller, on an object of theirs and on another's.

The routes come from config.urls, the answers from the table in tests/page_table.py. What the pages call is the
REST interface, which tests/test_access_matrix.py walks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from apps.accounts.models import User
from apps.cabinets.models import Document
from apps.cabinets.services.folders import folder_create
from apps.chat.models import Conversation, MessageSource
from apps.chat.sharing import share_create
from tests.access_world import World, world  # noqa: F401 - a fixture
from tests.page_table import CALLERS, ROWS, PageRow

OTHERWISE = ("api/", "v1/")  # tests/test_access_matrix.py
FRAMEWORK = ("django-admin/",)  # Django's own, for emergencies; its own guard
STATE_OF_THE_MACHINE = {"readyz"}  # answers 503 where a service is down, to everybody


def addresses(patterns: Any = None, before: str = "") -> Iterator[str]:
    for pattern in patterns or get_resolver().url_patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address
        else:
            yield from addresses(pattern.url_patterns, address)


def test_every_page_has_one_row_in_the_table():
    there = {address for address in addresses() if not address.startswith(OTHERWISE + FRAMEWORK)}
    rows = [row.path for row in ROWS]
    assert there - set(rows) - STATE_OF_THE_MACHINE == set(), "a page without a row in tests/page_table.py"
    assert set(rows) - there == set(), "a row names a page that is not there"
    assert len(rows) == len(set(rows))


def parts_of(world: World, kind: str, side: str) -> dict[str, Any]:  # noqa: F811
    """What the path names: an object of the access matrix, or one that only pages show."""
    if kind == "place":
        made = world.make("cabinet", side)
        return {**made, "folder_id": folder_create(by=world.owner(side), parent=made["root"], name="F").pk}
    if kind == "source":
        return {**world.make("document", side), **shared_answer(world, side)}
    return world.make(kind, side)


def shared_answer(world: World, side: str) -> dict[str, Any]:  # noqa: F811
    """An answer that cites the newest document, and the link under which its owner shares it."""
    made = world.make("conversation", side)
    document = Document.objects.order_by("-created_at").first()
    assert document is not None
    MessageSource.objects.create(
        message_id=made["message_id"], number=1, document=document, chunk_id=document.chunks.get().pk,
        title="Rules", text="text", text_sha256="0" * 64, cited=True,
    )  # fmt: skip
    shared = share_create(Conversation.objects.get(pk=made["conversation_id"]), by=world.owner(side))
    return {**made, "number": 1, "token": shared.token}


def signed_in(name: str) -> Client:
    """A new session; of the deactivated one, from before."""
    client = Client(raise_request_exception=False)
    person = User.objects.filter(username={"deactivated": "dora"}.get(name, name)).first()
    if person is not None:
        client.force_login(person)
    return client


def answers(row: PageRow, world: World, side: str, clients: dict[str, Client]) -> dict[str, int]:  # noqa: F811
    found = {}
    parts = parts_of(world, row.object, side)
    for who in CALLERS:
        if row.method != "GET":
            parts = parts_of(world, row.object, side)
        address = "/" + re.sub(r"<\w+:(\w+)>", lambda found, parts=parts: str(parts[found[1]]), row.path)
        with transaction.atomic():
            client = clients[who] if row.method == "GET" else signed_in(who)
            found[who] = client.generic(row.method, address, HTTP_ACCEPT_LANGUAGE="en").status_code
            transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_a_page_answers_each_caller_as_the_table_says(world):  # noqa: F811
    wrong: list[str] = []
    clients = {who: signed_in(who) for who in CALLERS}
    for row in ROWS:
        for side in row.oracle:
            with transaction.atomic():
                got, expected = answers(row, world, side, clients), row.expected(side)
                transaction.set_rollback(True)
            wrong += [
                f"{row.method} /{row.path} on {side}, {who}: {got[who]} instead of {expected[who]}"
                for who in CALLERS
                if got[who] != expected[who]
            ]
    assert not wrong, "\n".join(wrong)
