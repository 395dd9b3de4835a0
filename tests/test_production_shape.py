"""The production shape: PostgreSQL, Redis, a web process and a Celery worker of their own.

A Qdrant server cannot be had here. Its place is taken by the embedded engine, which only one process can
own: the worker does. So what is run is web → row and bytes → hint over Redis → worker → PostgreSQL → web;
what is not run is a search by the web process, which is told that the store is down.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest
from celery import Celery
from celery.app.control import Control

from benchmarks import product as products
from benchmarks.product import ROOT, Product, free_port
from tests.faults.place import Place

SERVER = os.environ.get("DATABASE_URL", "")
REDIS = os.environ.get("TEST_REDIS_URL", "")
WORKER = "shape@test"
pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(
        not (SERVER.startswith("postgres") and REDIS),
        reason="needs PostgreSQL and Redis: postgresql, redis-server",
    ),
]


@contextmanager
def new_database() -> Iterator[str]:
    """The address of a database of this module's own."""
    name = f"shape_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with new_database() as address:
        yield address


@pytest.fixture(scope="module")
def shape(database, tmp_path_factory) -> Iterator[Product]:
    """Web and worker as the compose file starts them, in production mode."""
    data_dir = tmp_path_factory.mktemp("shape")
    port = free_port()
    redis = REDIS.removesuffix("/0")
    environment = {
        **os.environ,
        "PRODUCTION": "true",
        "HTTPS": "false",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": database,
        "DATABASE_POOL": "8",
        "REDIS_URL": f"{redis}/5",
        "CELERY_BROKER_URL": f"{redis}/6",
        "DATA_DIR": str(data_dir),
        "STATIC_ROOT": str(data_dir / "static"),
        "LLM_DISCOVERY": "http://127.0.0.1:1/v1",
    }
    key = prepared(environment)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        web = start(
            {**environment, "QDRANT_URL": "http://127.0.0.1:1"}, data_dir / "web.log",
            "-m", "uvicorn", "config.asgi:application", "--host", "127.0.0.1", "--port", str(port),
        )  # fmt: skip
        processes.append(web)
        worker = start(
            environment, data_dir / "worker.log",
            "-m", "celery", "-A", "config", "worker", "--pool", "threads", "--concurrency", "2", "--beat",
            "--schedule", str(data_dir / "beat"), "--loglevel", "INFO", "--hostname", WORKER,
        )  # fmt: skip
        processes.append(worker)
        product = Product(f"http://127.0.0.1:{port}", data_dir, web, environment, 0.0, key)
        wait(lambda: answers(product), web)
        yield product
    finally:
        ends = [stop(process) for process in processes]
    assert ends[1] == 0, (data_dir / "worker.log").read_text()[-2000:]
    assert ends[0] in {0, -signal.SIGTERM}


def prepared(environment: dict[str, str]) -> str:
    """What the compose file does before it starts anything, and a key."""
    place = Place(Path(environment["DATA_DIR"]), environment)
    commands = ["manage", "migrate", "--verbosity", "0", "then", "manage", "first_run"]
    try:
        place.step(*commands, "then", "manage", "collectstatic", "--noinput", "--verbosity", "0")
        return place.step("manage", "create_api_key", "--user", "admin", "--scopes", *products.SCOPES)
    finally:
        place.close()


@contextmanager
def remote(product: Product) -> Iterator[Control]:
    """What `celery inspect` and `celery control` use: a client of the broker, of nothing else."""
    with Celery(broker=product.environment["CELERY_BROKER_URL"], set_as_current=False) as client:
        yield client.control


def sweep(product: Product) -> None:
    with Celery(broker=product.environment["CELERY_BROKER_URL"], set_as_current=False) as client:
        client.send_task("apps.cabinets.tasks.sweep", ignore_result=True)


def start(environment: dict[str, str], log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with log.open("w") as file:
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=file, stderr=file
        )


def stop(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    try:
        return process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait(10)


def answers(product: Product) -> bool:
    try:
        return httpx.get(f"{product.base_url}/healthz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def wait(holds, process: subprocess.Popen[bytes] | None = None, *, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert process is None or process.poll() is None, "the process ended"
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.1)


def test_pages_are_served_with_hashed_static_files(shape):
    page = httpx.get(f"{shape.base_url}/login/")
    assert page.status_code == 200
    sheet = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    style = httpx.get(f"{shape.base_url}{sheet}")
    assert style.status_code == 200
    assert "immutable" in style.headers["cache-control"]


def test_a_worker_of_its_own_answers_over_redis(shape):
    with remote(shape) as control:
        # Named, it is not waited for others. A call that comes before the worker listens is lost, so it is repeated.
        asked = control.inspect(timeout=5, destination=[WORKER], limit=1)
        wait(lambda: asked.ping() == {WORKER: {"ok": "pong"}})
        registered = asked.registered()[WORKER]
    for task in ("apps.cabinets.tasks.ingest", "apps.cabinets.tasks.sweep", "apps.chat.tasks.close_stale"):
        assert task in registered


def test_an_upload_at_the_web_is_done_by_the_worker(shape):
    with shape.client as client:
        cabinet = client.post("/api/v1/cabinets", json={"name": "Rules"}).json()["id"]
        sent = client.post(
            "/api/v1/documents",
            data={"cabinet_id": cabinet},
            files=[("file", ("休假.md", "# 休假\n\n年休假为五天。".encode()))],
        )
        assert sent.status_code == 202, sent.text
        document = f"/api/v1/documents/{sent.json()['items'][0]['id']}"
        wait(lambda: client.get(document).json()["status"] in {"ready", "failed"})
        assert client.get(document).json()["status"] == "ready", client.get(document).json()
        chunks = client.get(f"{document}/chunks").json()["items"]
        assert "年休假为五天" in chunks[0]["text"]


def test_a_lost_hint_is_made_good_by_the_sweeper(shape):
    import redis

    with shape.client as client:
        cabinet = client.get("/api/v1/cabinets").json()["items"][0]["id"]
        with remote(shape) as control:
            assert control.cancel_consumer("celery", reply=True, destination=[WORKER], timeout=20, limit=1)
        files = [("file", ("差旅.md", "# 差旅\n\n住宿标准为四百元。".encode()))]
        sent = client.post("/api/v1/documents", data={"cabinet_id": cabinet}, files=files)
        redis.Redis.from_url(shape.environment["CELERY_BROKER_URL"]).delete("celery")  # the hint is gone
        with remote(shape) as control:
            assert control.add_consumer("celery", reply=True, destination=[WORKER], timeout=20, limit=1)
        sweep(shape)
        document = f"/api/v1/documents/{sent.json()['items'][0]['id']}"
        wait(lambda: client.get(document).json()["status"] == "ready")


def test_readiness_names_the_part_that_is_down(shape):
    sweep(shape)
    wait(lambda: state(shape)["worker"])
    checks = state(shape)
    assert not checks["store"]
    assert all(ok for name, ok in checks.items() if name != "store"), checks


def state(product: Product) -> dict[str, bool]:
    answer = httpx.get(f"{product.base_url}/readyz", timeout=20)
    assert answer.status_code == 503
    return {check["name"]: check["ok"] for check in answer.json()["checks"]}


def test_a_question_says_that_the_store_is_down(shape):
    with shape.client as client:
        conversation = client.post("/api/v1/conversations", json={}).json()["id"]
        path = f"/api/v1/conversations/{conversation}/messages"
        answer = client.post(path, json={"content": "年休假有几天？", "stream": False}).json()
        assert answer["error"]["code"] in {"store_unavailable", "store_timeout"}


def test_one_process_can_serve_on_postgresql_and_redis_too(tmp_path):
    """With the light embedder: what is tried is where rows, cache and messages are."""
    with new_database() as database:
        redis = f"{REDIS.removesuffix('/0')}/7"
        settings = {"DATABASE_URL": database, "REDIS_URL": redis, "CELERY_BROKER_URL": "memory://localhost"}
        place = Place(tmp_path, settings)
        try:
            product = place.serve()
            product.key = place.step(
                "manage", "create_api_key", "--user", "admin", "--scopes", *products.SCOPES
            )
            ask_about_an_upload(product)
            assert products.stop(product) == 0
        finally:
            place.close()


def ask_about_an_upload(product: Product) -> None:
    with product.client as client:
        cabinet = client.post("/api/v1/cabinets", json={"name": "Rules"}).json()["id"]
        files = [("file", ("休假.md", "# 休假\n\n年休假为五天。".encode()))]
        client.post("/api/v1/documents", data={"cabinet_id": cabinet}, files=files)
        product.wait_until_idle(seconds=300)
        conversation = client.post("/api/v1/conversations", json={}).json()["id"]
        path = f"/api/v1/conversations/{conversation}/messages"
        answer = client.post(path, json={"content": "年休假有几天？", "stream": False}).json()
        assert "年休假为五天" in answer["content"]
        assert client.get("/readyz").status_code == 200
