"""Questions answered for real: a live server, a scripted model, passages in a real store.

Streams need real connections of their own to the database: tests that ask use
`django_db(transaction=True)`.
"""

from __future__ import annotations

import socket
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
import pytest
import uvicorn
from django.utils import timezone

from apps.accounts.models import User
from apps.assistants import providers
from apps.cabinets.models import Chunk as ChunkRow
from apps.cabinets.models import Document, Folder
from apps.cabinets.selectors import passages_for_hits
from apps.rag import components, indexing
from apps.rag.languages import detect
from apps.rag.llm_clients import close_clients
from apps.rag.types import Box, Chunk, Hit, SourceFile, chunk_id
from tests.factories import bearer, upload
from tests.fakes.openai_server import Script, scripted_server

Event = tuple[str, dict[str, Any]]
SHORT_TIMEOUTS = {"connect_s": 1.0, "first_token_s": 1.0, "idle_s": 0.6, "total_s": 8.0}
WAIT_SECONDS = 60

LEAVE = "年休假为五天。工作满十年的，年休假为十天。"
HOTEL = "差旅住宿标准为每天四百元。超过标准的部分由个人承担。"


def add_document(
    by: User, folder: Folder, name: str, *texts: str, content: bytes = b"", pages: bool = False
) -> Document:
    """A ready document whose passages are these texts, indexed as a worker would; no parser is started.

    With `pages` the passages stand on pages 1, 2, … each in a box of its own."""
    document = upload(by, folder, name, content or "\n\n".join(texts))
    index_chunks(document, passages_of(document, *texts, pages=pages))
    return document


def passages_of(document: Document, *texts: str, pages: bool = False) -> list[Chunk]:
    """These texts as passages of the document's generation; without texts, those it has."""
    if not texts:
        rows = document.chunks.filter(generation=document.active_generation)
        hits = [Hit(row.pk, document.pk, row.generation, 1.0) for row in rows]
        return sorted(
            passages_for_hits(document.created_by, hits).values(), key=lambda passage: passage.index
        )
    return [
        Chunk(
            id=chunk_id(document.pk, document.generation, index),
            document_id=document.pk,
            generation=document.generation,
            index=index,
            title=document.title,
            text=text,
            page_start=index + 1 if pages else None,
            page_end=index + 1 if pages else None,
            boxes=(Box(index + 1, 50, 100, 300, 200),) if pages else (),
            language=detect(text),
        )
        for index, text in enumerate(texts)
    ]


def index_chunks(document: Document, chunks: list[Chunk]) -> None:
    source = SourceFile(
        document_id=document.pk,
        generation=document.generation,
        cabinet_id=document.cabinet_id,
        folder_id=document.folder_id,
        title=document.title,
        path=document.file_path,
        media_type=document.media_type,
    )
    encoded = indexing.encode(source, chunks, embedder=components.embedder(), sparse=components.sparse())
    ChunkRow.objects.bulk_create([row_of(chunk) for chunk in chunks])
    components.store().upsert(encoded)
    Document.objects.filter(pk=document.pk).update(
        status=Document.Status.READY,
        active_generation=document.generation,
        chunk_count=len(chunks),
        ready_at=timezone.now(),
    )
    document.refresh_from_db()


def row_of(chunk: Chunk) -> ChunkRow:
    return ChunkRow(
        id=chunk.id,
        document_id=chunk.document_id,
        generation=chunk.generation,
        index=chunk.index,
        text=chunk.text,
        page_start=chunk.page_start,
        page_end=chunk.page_end,
        boxes=[[box.page, box.x0, box.y0, box.x1, box.y1] for box in chunk.boxes],
        language=chunk.language or "",
    )


@pytest.fixture
def knowledge(people, rag, hints):
    """A cabinet with a document on leave and one on travel, ready to be asked about."""
    add_document(people.alice, people.root_folder, "休假.txt", LEAVE)
    add_document(people.alice, people.root_folder, "差旅.txt", HOTEL)
    return people


async def _application(scope, receive, send) -> None:
    """The product without what its own start begins (a worker, a model); the connections to models are closed."""
    from config.asgi import application

    if scope["type"] != "lifespan":
        await application(scope, receive, send)
        return
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await close_clients()
    await send({"type": "lifespan.shutdown.complete"})


class Live:
    """The ASGI application in a real uvicorn, in a thread."""

    def __init__(self) -> None:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        config = uvicorn.Config(_application, log_level="warning", lifespan="on", timeout_graceful_shutdown=2)
        self._listener, self._server, self._fault = listener, uvicorn.Server(config), ""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started or not self._thread.is_alive())
        self.address = "http://{}:{}".format(*listener.getsockname())

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        except BaseException as fault:
            self._fault = repr(fault)
            raise

    def fault(self) -> str:
        """Why it cannot be reached; empty where it can."""
        if not self._thread.is_alive():
            return f"its thread has ended: {self._fault or 'without a fault'}"
        try:
            socket.create_connection(self._listener.getsockname(), timeout=WAIT_SECONDS).close()
        except OSError as fault:
            return f"it runs, but its socket does not listen: {fault!r}, {self._listener!r}"
        return ""

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


@pytest.fixture(scope="session")
def live_servers() -> Iterator[list[Live]]:
    servers: list[Live] = []
    yield servers
    for server in servers:
        server.stop()


@pytest.fixture
def live(live_servers) -> Iterator[str]:
    """One server for all tests. The test that ends it fails and is named; the next one gets a new server."""
    if live_servers and (fault := live_servers[-1].fault()):
        warnings.warn(f"between two tests that ask, the server went: {fault}", stacklevel=2)
        live_servers.pop().stop()
    if not live_servers:
        live_servers.append(Live())
    yield live_servers[-1].address
    if fault := live_servers[-1].fault():
        live_servers.pop().stop()
        pytest.fail(f"after this test the server is gone: {fault}")


def use_model(settings, base_url: str, model: str = "cite") -> None:
    """Make this endpoint the configured one, its model the default."""
    settings.LLM_BASE_URL, settings.LLM_MODEL = base_url, model
    settings.LLM_TIMEOUTS = SHORT_TIMEOUTS
    providers.catalogue.forget()
    providers._client.cache_clear()


@pytest.fixture(autouse=True)
def no_model_left_over():
    providers.catalogue.forget()
    providers._client.cache_clear()


ALIASES = {
    "cut-plain": "cut:plain", "cut-early": "cut:early", "slow-start": "slow:0.4", "paced": "ok:20",
    **{f"refuse-{status}": f"refuse:{status}" for status in (400, 401, 403, 404, 413, 429, 500, 503)},
}  # fmt: skip


@pytest.fixture
def model(settings) -> Iterator[str]:
    """A scripted model server; what it does is chosen by the name of the model that is asked."""
    with scripted_server(Script(aliases=ALIASES)) as base_url:
        use_model(settings, base_url)
        yield base_url


class Asker:
    """A person who talks to the live server by REST."""

    def __init__(self, address: str, user: User, *, language: str = "en") -> None:
        key = bearer(user)["HTTP_AUTHORIZATION"]
        headers = {"Authorization": key, "Accept-Language": language}
        self.http = httpx.Client(base_url=address, headers=headers, timeout=WAIT_SECONDS)

    def conversation(self, **body: Any) -> str:
        answer = self.http.post("/api/v1/conversations", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    @contextmanager
    def asking(self, content: str, *, conversation: str = "", **body: Any) -> Iterator[Iterator[Event]]:
        """The events of an answer, one by one as they arrive."""
        path = f"/api/v1/conversations/{conversation or self.conversation()}/messages"
        with self.http.stream("POST", path, json={"content": content, **body}) as response:
            if response.status_code != 200:
                response.read()
            assert response.status_code == 200, response.text
            yield events_of(response.iter_lines())

    def ask(self, content: str, **body: Any) -> list[Event]:
        with self.asking(content, **body) as events:
            return list(events)

    def saved(self, events: list[Event]) -> dict[str, Any]:
        """The message that these events made, as the conversation shows it afterwards."""
        start = dict(events)["start"]
        shown = self.http.get(f"/api/v1/conversations/{start['conversation_id']}").json()["messages"]
        return next(message for message in shown if message["id"] == start["message_id"])


def events_of(lines: Iterator[str]) -> Iterator[Event]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, orjson.loads(line.removeprefix("data: "))


def names_of(events: list[Event]) -> list[str]:
    return [name for name, _data in events]


def text_of(events: list[Event]) -> str:
    return "".join(data["text"] for name, data in events if name == "delta")


def wait_until(holds, *, seconds: float = WAIT_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.02)
