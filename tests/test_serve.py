"""The product as one process: started, asked, stopped, killed and started again."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import httpx
import psutil
import pytest

from apps.cabinets.demo import demo_files, golden
from apps.rag.stores.edge import EdgeStore
from benchmarks import product as products
from benchmarks.product import Product
from tests.chatting import events_of
from tests.fakes.embedder import HashEmbedder
from tests.fakes.openai_server import scripted_server, stats
from tests.faults.place import Place, copied

pytestmark = pytest.mark.server
FILES = 20


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Product:
    with products.running(demo=True, data_dir=tmp_path_factory.mktemp("serve") / "data") as product:
        product.wait_until_idle()
        yield product


@contextmanager
def started(data_dir: Path) -> Iterator[Product]:
    """Whatever a test finds, no process is left behind."""
    product = products.start(data_dir, key=(data_dir / "key").read_text())
    try:
        yield product
    finally:
        if product.process.poll() is None:
            product.kill()


@contextmanager
def light(data_dir: Path, **extra: str) -> Iterator[Place]:
    """The same folder, served with a light embedder: how a process ends is what is tried."""
    place = Place(data_dir, extra, (data_dir / "key").read_text())
    try:
        yield place
    finally:
        place.close()


@pytest.fixture
def data_dir(template, tmp_path) -> Path:
    """A migrated one, with a key beside it."""
    copied(template, tmp_path / "data")
    (tmp_path / "data" / "key").write_text(template.key)
    return tmp_path / "data"


def test_the_terminal_tells_address_and_password_and_they_work(demo):
    log = (demo.data_dir / "serve.log").read_text()
    assert f"{demo.base_url}/" in log
    with httpx.Client(base_url=demo.base_url, follow_redirects=True) as browser:
        assert browser.get("/login/").status_code == 200
        form = {"username": "admin", "password": products.password(demo)}
        token = browser.cookies["csrftoken"]
        answer = browser.post("/login/", data={**form, "csrfmiddlewaretoken": token})
        assert answer.status_code == 200
        assert "askive_session" in browser.cookies


def test_the_demo_cabinet_becomes_ready_by_itself(demo):
    with demo.client as client:
        documents = client.get("/api/v1/documents", params={"limit": 200}).json()["items"]
        assert {document["status"] for document in documents} == {"ready"}, documents
        assert len(documents) >= len(demo_files())
        assert client.get("/readyz").status_code == 200


def test_a_question_is_answered_with_the_sentence_of_a_file(demo):
    question = next(entry for entry in golden().questions if entry.id == "zh-gas-alarm")
    with demo.client as client:
        conversation = client.post("/api/v1/conversations", json={}).json()["id"]
        path = f"/api/v1/conversations/{conversation}/messages"
        answer = client.post(path, json={"content": question.question, "stream": False}).json()
    assert answer["finish_reason"] == "extractive"
    cited = [source["title"] for source in answer["sources"] if source["number"] in answer["citations"]]
    assert cited == [Path(name).stem for name in question.documents]


def test_a_port_that_is_taken_gives_the_next_one(demo, data_dir):
    port = int(demo.base_url.rpartition(":")[2])
    environment = {**demo.environment, "DATA_DIR": str(data_dir), "PORT": str(port)}
    command = [sys.executable, "manage.py", "serve", "--no-demo"]
    log = data_dir / "serve.log"
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=products.ROOT, env=environment, stdout=file, stderr=file)
    try:
        _wait(lambda: "http://127.0.0.1:" in log.read_text())
        taken = int(re.findall(r"http://127\.0\.0\.1:(\d+)/", log.read_text())[0])
        assert port < taken < port + 20
    finally:
        process.kill()
        process.wait(60)


def test_it_stops_cleanly_and_starts_again_as_it_was_even_in_the_middle_of_an_answer(data_dir):
    with started(data_dir) as product:
        first = products.password(product)
        family = psutil.Process(product.process.pid).children(recursive=True)
        assert products.stop(product) == 0  # Ctrl-C
        assert "Traceback" not in (data_dir / "serve.log").read_text()
        assert psutil.wait_procs(family, timeout=10)[1] == []
    with scripted_server() as model, light(data_dir, LLM_BASE_URL=model, LLM_MODEL="ok:2") as place:
        again = place.serve()
        assert products.password(again) == first
        asking = threading.Thread(target=_ask_until_cut, args=(again,), daemon=True)
        asking.start()
        _wait(lambda: stats(model).open == 1)
        time.sleep(1)  # some words
        family = psutil.Process(again.process.pid).children(recursive=True)
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(60) in {0, -signal.SIGTERM}
        assert psutil.wait_procs(family, timeout=10)[1] == []
        asking.join(10)
        _wait(lambda: stats(model).open == 0)
    query = "SELECT status, error_code, length(content) > 0 FROM chat_message WHERE role = 'assistant'"
    assert rows(data_dir, query) == [("interrupted", "model_interrupted", 1)]


def _ask_until_cut(product: Product) -> None:
    try:
        with product.client as client:
            conversation = client.post("/api/v1/conversations", json={}).json()["id"]
            path = f"/api/v1/conversations/{conversation}/messages"
            with client.stream("POST", path, json={"content": "?"}) as response:
                for _event in events_of(response.iter_lines()):
                    continue
    except httpx.TransportError:
        return  # the server went away, as it was told to


def test_a_kill_in_the_middle_of_ingestion_leaves_every_document_whole(data_dir):
    with light(data_dir) as place, (product := place.serve()).client as client:
        cabinet = client.post("/api/v1/cabinets", json={"name": "Rules"}).json()["id"]
        files = [("file", (f"规定{n}.md", body(n))) for n in range(FILES)]
        sent = client.post("/api/v1/documents", data={"cabinet_id": cabinet}, files=files)
        assert sent.status_code == 202, sent.text
        _wait(lambda: any(item["status"] == "ready" for item in documents(client)), seconds=300)
        product.kill()
    waiting = rows(data_dir, "SELECT count(*) FROM cabinets_document WHERE status != 'ready'")
    assert waiting[0][0] > 0, "everything was ready before the kill"
    with light(data_dir) as place:
        again = place.serve()
        again.wait_until_idle(seconds=300)
        with again.client as client:
            assert [item["status"] for item in documents(client)] == ["ready"] * FILES
            assert client.post("/api/v1/search", json={"query": "第7号规定"}).json()["passages"]
        assert products.stop(again) == 0
    assert_points_are_chunks(data_dir)


def body(number: int) -> bytes:
    clauses = (
        f"Clause {clause} of rule {number}: the amount that is paid for {clause} nights is {clause * number} yuan."
        for clause in range(1, 60)
    )
    return "\n\n".join([f"# 第{number}号规定", *clauses]).encode()


def documents(client: httpx.Client) -> list[dict]:
    return client.get("/api/v1/documents", params={"limit": 200}).json()["items"]


def assert_points_are_chunks(data_dir: Path) -> None:
    chunks: dict[UUID, set[tuple[UUID, int]]] = {}
    for document, chunk, generation in rows(
        data_dir, "SELECT document_id, id, generation FROM cabinets_chunk"
    ):
        chunks.setdefault(UUID(document), set()).add((UUID(chunk), generation))
    assert len(chunks) == FILES
    store = EdgeStore(path=data_dir / "qdrant")
    try:
        store.prepare(dimension=HashEmbedder.dimension)
        assert set(store.document_ids()) == set(chunks)
        assert {key: store.point_ids(key) for key in chunks} == chunks
    finally:
        store.close()


def rows(data_dir: Path, query: str) -> list[tuple]:
    with sqlite3.connect(data_dir / "askive.sqlite3") as database:
        return database.execute(query).fetchall()


def _wait(holds, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.05)
