"""A data folder with its database, and the processes that work on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks import product as products
from benchmarks.product import ROOT, Product

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

    @property
    def environment(self) -> dict[str, str]:
        dropped = {"DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "ASKIVE_FAILPOINT"}
        kept = {name: value for name, value in os.environ.items() if name not in dropped}
        return {**kept, **SETTINGS, "DATA_DIR": str(self.data_dir), **self.extra}

    def popen(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        log = (self.data_dir / "log").open("a")
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env={**self.environment, **settings}, stdout=log, stderr=log, text=True
        )  # fmt: skip

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env={**self.environment, **settings},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def step(self, *arguments: str, **settings: str) -> str:
        done = self.run("-m", "tests.faults.steps", *arguments, **settings)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.strip()

    def serve(self, **settings: str) -> Product:
        return products.start(self.data_dir, **{**SETTINGS, **self.extra, **settings})

    def doctor(self, *arguments: str) -> list[dict[str, Any]]:
        done = self.run("manage.py", "doctor", "--json", *arguments)
        assert done.stdout, done.stderr[-3000:]
        return json.loads(done.stdout)["findings"]


def copied(template: Path, target: Path, **extra: str) -> Place:
    shutil.copytree(template, target)
    return Place(target, extra)


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


def document(product: Product, key: str) -> dict[str, Any]:
    with product.client as client:
        return client.get(f"/api/v1/documents/{key}").json()


def finds(product: Product, query: str) -> list[str]:
    with product.client as client:
        answer = client.post("/api/v1/search", json={"query": query, "top_k": 5})
    assert answer.status_code == 200, answer.text
    return [passage["document_id"] for passage in answer.json()["passages"]]


def wait(holds: Callable[[], Any], *, seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        with suppress(httpx.TransportError):  # the server may be on its way up or down
            if found := holds():
                return found
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.1)
