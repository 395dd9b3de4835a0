"""A model hub of our own: Hugging Face's addresses over real HTTP, with the faults of the real world.

Repositories are folders on the disk. `faults` maps a path to what goes wrong with it:
cut (once, in the middle), cut-always, wrong (other bytes), redirect (to /cdn/), down (not https), missing.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".safetensors", ".bin")


@dataclass
class FakeHub:
    root: Path
    address: str = ""
    commit: str = COMMIT
    faults: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)  # (path, range)

    def siblings(self, repo: str) -> list[dict[str, object]]:
        files = [path for path in sorted((self.root / repo).rglob("*")) if path.is_file()]
        return [self._sibling(path, path.relative_to(self.root / repo).as_posix()) for path in files]

    def _sibling(self, path: Path, name: str) -> dict[str, object]:
        content = path.read_bytes()
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        row: dict[str, object] = {
            "rfilename": self.renamed.get(name, name),
            "size": len(content),
            "blobId": blob,
        }
        if name.endswith(LARGE):
            row["lfs"] = {
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "pointerSize": 130,
            }
        return row

    def ranges_of(self, path: str) -> list[str]:
        return [asked for name, asked in self.asked if name == path]


class Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: object) -> None:
        return

    def do_GET(self) -> None:
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            return self._listing("/".join(parts[2:4]))
        if parts[0] == "cdn":
            parts = parts[1:]
        elif self.hub.faults.get("/".join(parts[4:])) == "redirect":
            return self._redirect(f"/cdn{self.path}")
        elif self.hub.faults.get("/".join(parts[4:])) == "down":
            return self._redirect("ftp://elsewhere.example/x")
        repo, commit, name = "/".join(parts[:2]), parts[3], "/".join(parts[4:])
        return self._file(self.hub.root / repo / name, name, found=commit == self.hub.commit)

    def _listing(self, repo: str) -> None:
        if not (self.hub.root / repo).is_dir():
            return self._answer(404, b'{"error": "Repository not found"}')
        body = {"id": repo, "sha": self.hub.commit, "siblings": self.hub.siblings(repo)}
        return self._answer(200, json.dumps(body).encode())

    def _redirect(self, location: str) -> None:
        self.send_response(302)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _file(self, path: Path, name: str, *, found: bool) -> None:
        asked = self.headers.get("Range", "")
        self.hub.asked.append((name, asked))
        fault = self.hub.faults.get(name, "")
        if not found or not path.is_file() or fault == "missing":
            return self._answer(404, b"Entry not found")
        content = path.read_bytes()
        if fault == "wrong":
            content = bytes(reversed(content))
        start = int(asked.removeprefix("bytes=").rstrip("-") or 0) if fault != "no-range" else 0
        part = content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(part)))
        self.send_header("ETag", '"x"')
        self.send_header("X-Repo-Commit", self.hub.commit)
        self.end_headers()
        if fault in {"cut", "cut-always"}:
            if fault == "cut":
                del self.hub.faults[name]
            part = part[: max(1, len(part) // 2)]
            self.close_connection = True
        self.wfile.write(part)
        return None

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def fake_hub(root: Path) -> Iterator[FakeHub]:
    hub = FakeHub(root)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
