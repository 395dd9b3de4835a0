"""Starts the product as a process of its own, on a throw-away data folder, for a benchmark or a test."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120
SCOPES = ["search", "chat", "documents:read", "documents:write"]


@dataclass
class Product:
    """A running product. `client` is signed with a key of the first administrator."""

    base_url: str
    data_dir: Path
    process: subprocess.Popen[str]
    environment: dict[str, str]
    seconds_to_first_page: float
    key: str = ""

    @property
    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.base_url, headers={"Authorization": f"Bearer {self.key}"}, timeout=120
        )

    def memory_mb(self) -> dict[str, float]:
        """Unique memory of each process, since children share much of what they map."""
        root = psutil.Process(self.process.pid)
        sizes: dict[str, float] = {}
        for process in [root, *root.children(recursive=True)]:
            try:
                sizes[f"{process.pid}"] = process.memory_full_info().uss / 2**20
            except psutil.Error:
                continue
        return sizes

    def wait_until_idle(self, *, seconds: float = 900) -> None:
        deadline = time.monotonic() + seconds
        with self.client as client:
            while time.monotonic() < deadline:
                busy = [
                    client.get("/api/v1/documents", params={"status": status, "limit": 1}).json()["items"]
                    for status in ("queued", "processing")
                ]
                if not any(busy):
                    return
                time.sleep(0.25)
        raise TimeoutError("documents are still waiting")

    def kill(self) -> None:
        """kill -9 of the process alone, as a crash would."""
        self.process.kill()
        self.process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(data_dir: Path, *, demo: bool = False, key: str = "", **settings: str) -> Product:
    """Start `manage.py serve` at a free port and wait for its first page. Without `key`, one is made."""
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}},
        "DATA_DIR": str(data_dir),
        "LLM_DISCOVERY": "http://127.0.0.1:1/v1",
        "PYTHONUNBUFFERED": "1",
        **settings,
    }
    command = [sys.executable, "manage.py", "serve", "--port", "0", *([] if demo else ["--no-demo"])]
    data_dir.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with (data_dir / "serve.log").open("a") as log:
        said_before = log.tell()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, text=True
        )
    product = Product("", data_dir, process, environment, 0.0)
    wait_for_page(product, said_before)
    product.seconds_to_first_page = time.monotonic() - started
    product.key = key or manage(product, "create_api_key", "--user", "admin", "--scopes", *SCOPES).strip()
    return product


def wait_for_page(product: Product, said_before: int) -> None:
    """The process tells its address in the log, after what earlier ones said there."""
    log, deadline = product.data_dir / "serve.log", time.monotonic() + START_SECONDS
    last: Exception | None = None
    while time.monotonic() < deadline:
        if product.process.poll() is not None:
            raise RuntimeError(log.read_text()[-3000:])
        said = log.read_bytes()[said_before:].decode(errors="replace")
        if found := re.search(r"Askive 问档 +(http://127\.0\.0\.1:\d+)/", said):
            product.base_url = found[1]
            try:
                if httpx.get(f"{product.base_url}/login/", timeout=5).status_code == 200:
                    return
            except httpx.TransportError as error:  # it answers a little after it told
                last = error
        time.sleep(0.05)
    raise TimeoutError(f"no page: {last}")


def manage(product: Product, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=product.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def password(product: Product) -> str:
    """The first administrator's password, as the terminal shows it."""
    log = (product.data_dir / "serve.log").read_text()
    found = re.search(r"admin\s{3}(\S+)", log)
    if found is None:
        raise RuntimeError("the password was not printed")
    return found[1]


def stop(product: Product) -> int:
    """Ctrl-C; the exit status."""
    if product.process.poll() is None:
        product.process.send_signal(signal.SIGINT)
    return product.process.wait(60)


@contextmanager
def running(*, demo: bool = False, data_dir: Path | None = None, **settings: str) -> Iterator[Product]:
    with tempfile.TemporaryDirectory(prefix="askive-bench-") as folder:
        product = start(data_dir or Path(folder), demo=demo, **settings)
        try:
            yield product
        finally:
            stop(product)
