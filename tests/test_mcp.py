"""The Model Context Protocol, spoken by the SDK's own client to the running server."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any

import httpx
import httpx2
import pytest
from asgiref.sync import sync_to_async

from apps.accounts.models import ApiKey
from apps.cabinets.models import Document, Grant
from apps.cabinets.services.cabinets import cabinet_create
from tests.chatting import LEAVE, add_document
from tests.factories import ALL_SCOPES, bearer

pytestmark = pytest.mark.django_db(transaction=True)
TOOLS = ["ask", "list_cabinets", "read_document", "search"]
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


def secret_of(user, *scopes: str) -> str:
    return bearer(user, *(scopes or ALL_SCOPES))["HTTP_AUTHORIZATION"]


@asynccontextmanager
async def client_of(live: str, secret: str, *, mode: str = "auto", language: str = "en"):
    from mcp.client.client import Client
    from mcp.client.streamable_http import streamable_http_client

    headers = {"Authorization": secret, "Accept-Language": language}
    async with httpx2.AsyncClient(headers=headers, timeout=20) as http:
        transport = streamable_http_client(f"{live}/mcp", http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


async def called(client, name: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result.content
    return result.structured_content


async def refused(client, name: str, **arguments: Any) -> str:
    result = await client.call_tool(name, arguments)
    assert result.is_error
    return result.content[0].text


@pytest.fixture
def secret(knowledge) -> str:
    return secret_of(knowledge.bob)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_tools_are_listed_as_reading_only(live, secret, mode):
    async with client_of(live, secret, mode=mode) as client:
        tools = (await client.list_tools()).tools
    assert sorted(tool.name for tool in tools) == TOOLS
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_search_then_read_then_ask(live, secret, model, mode):
    async with client_of(live, secret, mode=mode) as client:
        listed = await called(client, "list_cabinets")
        assert [(one["slug"], one["documents"]) for one in listed["cabinets"]] == [("rules", 2)]
        found = await called(client, "search", query="年休假有几天", cabinets=["rules"], limit=1)
        assert [passage["title"] for passage in found["passages"]] == ["休假"]
        read = await called(client, "read_document", document_id=found["passages"][0]["document_id"])
        assert (read["text"], read["next_start"]) == (LEAVE, None)
        answer = await called(client, "ask", question="年休假有几天？")
    assert "五天" in answer["answer"]
    assert answer["citations"][0]["quote"] in LEAVE


async def test_everything_is_trimmed_to_the_keys_owner(live, knowledge, model):
    def prepare() -> tuple[str, str, str]:
        private = cabinet_create(by=knowledge.charlie, name="Private")
        add_document(knowledge.charlie, private.folders.get(), "secret.txt", "The vault opens at midnight.")
        document = Document.objects.get(title="secret")
        return str(document.pk), secret_of(knowledge.bob), secret_of(knowledge.charlie)

    document, bobs, charlies = await sync_to_async(prepare)()
    async with client_of(live, charlies) as client:
        assert (await called(client, "search", query="vault midnight"))["passages"]
    async with client_of(live, bobs) as client:
        assert [one["slug"] for one in (await called(client, "list_cabinets"))["cabinets"]] == ["rules"]
        assert (await called(client, "search", query="vault midnight"))["passages"] == []
        absent = await refused(client, "read_document", document_id="00000000-0000-0000-0000-000000000000")
        assert await refused(client, "read_document", document_id=document) == absent
        assert "private" in await refused(client, "search", query="vault", cabinets=["private"])
        assert "private" in await refused(client, "ask", question="vault?", cabinets=["private"])
        await sync_to_async(Grant.objects.all().delete)()
        assert (await called(client, "search", query="年休假有几天"))["passages"] == []


async def test_a_key_uses_only_the_tools_of_its_scopes(live, knowledge):
    key = await sync_to_async(secret_of)(knowledge.bob, "search")
    async with client_of(live, key) as client:
        assert (await called(client, "search", query="年休假"))["passages"]
        for name, arguments in (
            ("ask", {"question": "?"}),
            ("list_cabinets", {}),
            ("read_document", {"document_id": "x"}),
        ):
            assert "scope" in await refused(client, name, **arguments)


async def test_long_documents_come_in_pages_and_inputs_are_bounded(live, knowledge, secret):
    def prepare() -> str:
        texts = [f"{number} " + "word " * 1500 for number in range(6)]
        return str(add_document(knowledge.alice, knowledge.root_folder, "long.txt", *texts).pk)

    document = await sync_to_async(prepare)()
    pages, start = [], 0
    async with client_of(live, secret) as client:
        while start is not None:
            page = await called(client, "read_document", document_id=document, start=start)
            pages.append(page["text"])
            start = page["next_start"]
        for arguments in ({"query": "x" * 2001}, {"query": "x", "limit": 1000}, {"query": " "}, {}):
            assert await refused(client, "search", **arguments)
        assert await refused(client, "ask", question="  ")
        assert await refused(client, "read_document", document_id="'; DROP TABLE")
    assert len(pages) == 3 and all(len(page) <= 21_000 for page in pages)
    assert [line.split()[0] for line in "\n\n".join(pages).split("\n\n")] == list("012345")


async def test_a_fault_of_the_model_is_an_error_in_the_callers_language(live, secret, model, settings):
    settings.LLM_MODEL = "refuse-500"
    async with client_of(live, secret, language="zh-CN") as client:
        assert "模型" in await refused(client, "ask", question="年休假有几天？")


def post(live: str, **headers: str) -> httpx.Response:
    accepts = {"Accept": "application/json, text/event-stream"}
    return httpx.post(f"{live}/mcp", json=HELLO, headers={**accepts, **headers}, timeout=10)


def test_only_live_keys_enter_and_no_page_of_another_site(live, knowledge, secret, settings):
    assert post(live, Authorization=secret).status_code == 200
    assert post(live).status_code == 401
    assert post(live, Authorization="Bearer ask_wrong").headers["WWW-Authenticate"] == "Bearer"
    assert post(live, Authorization=secret, Origin="https://evil.example").status_code == 403
    assert post(live, Authorization=secret, Origin=live).status_code == 200
    settings.ALLOWED_HOSTS = ["askive.example"]
    assert post(live, Authorization=secret).status_code == 400
    settings.ALLOWED_HOSTS = ["*"]
    knowledge.bob.is_active = False
    knowledge.bob.save()
    assert post(live, Authorization=secret).status_code == 401
    assert ApiKey.objects.exclude(last_used_at=None).exists()


def test_a_body_without_end_is_refused(live, secret):
    body = b'{"jsonrpc": "2.0", "x": "' + b"x" * 400_000 + b'"}'
    headers = {
        "Authorization": secret,
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
    }
    assert httpx.post(f"{live}/mcp", content=body, headers=headers, timeout=10).status_code == 413
