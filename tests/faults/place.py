"""A data folder with its database, and the processes that work on it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from filelock import FileLock

from benchmarks import product as products
from benchmarks.product import ROOT, Product
from tests.faults.forks import Fork, Forks, Server

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
    "LEASE_SECONDS": "3",
    "LLM_DISCOVERY": " ,",
    "LANGUAGE": "en",
    "INGEST_WORKERS": "2",
}


@dataclass
class Place:
    data_dir: Path
    extra: dict[str, str]
    key: str = ""  # of the administrator, for the REST interface
    _forks: list[Forks] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        dropped = {"DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "ASKIVE_FAILPOINT"}
        kept = {name: value for name, value in os.environ.items() if name not in dropped}
        return {**kept, **SETTINGS, "DATA_DIR": str(self.data_dir), **self.extra}

    def popen(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        with (self.data_dir / "log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env={**self.environment, **settings},
                stdout=log, stderr=log, text=True,
            )  # fmt: skip

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env={**self.environment, **settings},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def fork(self, *arguments: str, **settings: str) -> Fork:
        """Begin a step (tests/faults/steps.py) in a process of its own."""
        return self._forked().start(*arguments, **settings)

    def _forked(self) -> Forks:
        if not self._forks:
            self._forks.append(Forks(self.environment))
        return self._forks[0]

    def step(self, *arguments: str, **settings: str) -> str:
        """The lines that a step says."""
        step = self.fork(*arguments, **settings)
        status = step.wait()
        assert status == 0, step.complained()[-3000:]
        return step.said()

    def row(self, key: str) -> dict[str, Any]:
        return json.loads(self.step("read", key))

    def serve(self, **settings: str) -> Product:
        """The whole product, `manage.py serve`, in a fork. `settings` reach what reads the environment while it
        runs, as failpoints do; others belong into `extra`."""
        log = self.data_dir / "serve.log"
        log.touch()
        said_before = log.stat().st_size
        command = ("manage", "serve", "--port", "0", "--no-demo")
        server = Server(self._forked().start(*command, log=log, **settings))
        product = Product("", self.data_dir, server, {**self.environment, **settings}, 0.0, self.key)  # type: ignore[arg-type]
        products.wait_for_page(product, said_before)
        return product

    def doctor(self) -> list[dict[str, Any]]:
        step = self.fork("manage", "doctor", "--json")
        step.wait()
        told = [line for line in step.said().splitlines() if line.startswith("{")]
        assert told, step.complained()[-3000:]
        return json.loads(told[-1])["findings"]

    def close(self) -> None:
        for forks in self._forks:
            forks.close()


def made(folder: Path) -> Place:
    """A migrated data folder with the first administrator and a key."""
    place = Place(folder, {})
    scopes = ["--user", "admin", "--scopes", *products.SCOPES]
    commands = ["manage", "migrate", "--verbosity", "0", "then", "manage", "first_run"]
    place.step(*commands)
    place.key = place.step("manage", "create_api_key", *scopes)
    place.close()
    return Place(folder, {}, place.key)


def made_once(folder: Path) -> Place:
    """The same for all workers of a run: the first one makes it in `folder`."""
    made_by, key = folder / "template", folder / "template.key"
    with FileLock(folder / "template.lock", timeout=300):
        if not key.exists():
            made_by.mkdir(exist_ok=True)
            key.write_text(made(made_by).key)
    return Place(made_by, {}, key.read_text())


def copied(template: Place, target: Path, **extra: str) -> Place:
    shutil.copytree(template.data_dir, target)
    return Place(target, extra, template.key)


def row(place: Place, key: str) -> tuple[str, int, int | None]:
    """(status, generation, served generation) in SQLite, read beside the product."""
    with closing(sqlite3.connect(place.data_dir / "askive.sqlite3", timeout=20)) as database:
        query = "SELECT status, generation, active_generation FROM cabinets_document WHERE id = ?"
        return database.execute(query, [key.replace("-", "")]).fetchone()


def cabinet(product: Product) -> str:
    with product.client as client:
        return client.post("/api/v1/cabinets", json={"name": "Rules"}).json()["id"]


def send(product: Product, place_id: str, name: str, text: str) -> str:
    """Upload one file; its document's id. The server may die right after it said so."""
    with product.client as client:
        answer = client.post(
            "/api/v1/documents", data={"cabinet_id": place_id}, files=[("file", (name, text.encode()))]
        )
    assert answer.status_code == 202, answer.text
    return answer.json()["items"][0]["id"]


def send_the_last(product: Product, place_id: str, name: str, text: str) -> str:
    """As `send`, to a server that may die before it has answered: what was accepted is in the database."""
    with suppress(httpx.TransportError):
        return send(product, place_id, name, text)
    with closing(sqlite3.connect(product.data_dir / "askive.sqlite3", timeout=20)) as database:
        found = database.execute("SELECT id FROM cabinets_document WHERE filename = ?", [name]).fetchone()
    return str(UUID(found[0]))


def document(product: Product, key: str) -> dict[str, Any]:
    with product.client as client:
        return client.get(f"/api/v1/documents/{key}").json()


def is_ready(product: Product, key: str) -> bool:
    return document(product, key)["status"] == "ready"


def finds(product: Product, query: str) -> list[str]:
    with product.client as client:
        answer = client.post("/api/v1/search", json={"query": query, "top_k": 5})
    assert answer.status_code == 200, answer.text
    return [passage["document_id"] for passage in answer.json()["passages"]]


def wait(holds: Callable[[], Any], *, seconds: float = 300) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        with suppress(httpx.TransportError):  # the server may be on its way up or down
            if found := holds():
                return found
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.05)
