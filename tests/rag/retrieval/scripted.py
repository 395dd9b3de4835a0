"""Real stand-ins: an HTTP server that answers as told, and light models for the child processes."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, bytes]


@contextmanager
def http_server(
    respond: Callable[[str, dict[str, Any]], Answer],
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """(base URL, requests seen). `respond(path, body)` gives status and bytes."""
    seen: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append({"path": self.path, "body": body, "authorization": self.headers.get("Authorization")})
            status, content = respond(self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()


def as_json(value: Any, status: int = 200) -> Answer:
    return status, json.dumps(value).encode()


class LightModel:
    """Built in a child: vectors are [length of the text, pid, niceness]; some texts misbehave."""

    def __init__(self, *, fail: str = "") -> None:
        if fail:
            raise RuntimeError(fail)
        self.poisoned = False

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        return [self._vector(text) for text in texts]

    def embed_queries(self, texts: Sequence[str]) -> list[list[float]]:
        time.sleep(0.05)
        return [[float(len(text)), float(len(texts))] for text in texts]

    def _vector(self, text: str) -> list[float]:
        if text == "raise":
            raise ValueError("cannot read this")
        if text == "die":
            os._exit(3)
        if text == "hang":
            time.sleep(60)
        if text == "slow":
            time.sleep(0.3)
        if text == "who loaded it":
            from tests.rag.retrieval.loads_once import LOADED_BY

            return [float(len(text)), float(LOADED_BY), float(os.nice(0))]
        return [float(len(text)), float(os.getpid()), float(os.nice(0))]
