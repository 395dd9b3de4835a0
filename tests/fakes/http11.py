"""A small HTTP/1.1 server on asyncio, bare enough to break the rules on purpose.

uvicorn always ends a response properly; a test of faults needs a server that can close the socket in
the middle of a chunk, or send a body that only the end of the connection delimits. It also says
which requests are open and which the client gave up.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import orjson

MAX_BODY = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        value = orjson.loads(self.body) if self.body else {}
        return value if isinstance(value, dict) else {}


@dataclass(slots=True)
class Counts:
    """`aborted` counts the requests whose client left before the response was whole."""

    open: int = 0
    served: int = 0
    aborted: int = 0
    connections: int = 0
    requests: list[Request] = field(default_factory=list)  # the newest 100


Handler = Callable[[Request, "Responder"], Awaitable[None]]


class Responder:
    """Writes one response. `begin` → `send`… → `end`, or `cut` in place of `end`."""

    def __init__(self, protocol: Connection) -> None:
        self._protocol = protocol
        self._transport = protocol.transport
        self._chunked = False
        self.ended = False

    def begin(
        self,
        status: int = 200,
        *,
        headers: dict[str, str] | None = None,
        length: int | None = None,
        chunked: bool = True,
    ) -> None:
        """Send the head. Without `length` the body is chunked, or ends with the connection."""
        head = {"content-type": "text/event-stream; charset=utf-8", **(headers or {})}
        self._chunked = chunked and length is None
        if length is not None:
            head["content-length"] = str(length)
        elif self._chunked:
            head["transfer-encoding"] = "chunked"
        else:
            head["connection"] = "close"
            self._protocol.keep_alive = False
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self._transport.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode())

    def send(self, data: bytes) -> None:
        self._transport.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    async def drained(self) -> None:
        """Wait while the client reads slower than we write."""
        await self._protocol.writable.wait()

    def end(self) -> None:
        if self._chunked:
            self._transport.write(b"0\r\n\r\n")
        self.ended = True

    def cut(self) -> None:
        """Close the connection without ending the body."""
        self.ended = True
        self._protocol.keep_alive = False

    def whole(
        self,
        status: int,
        body: bytes,
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.begin(status, headers={"content-type": content_type, **(headers or {})}, length=len(body))
        self.send(body)
        self.end()


class Connection(asyncio.Protocol):
    """One client connection; requests are answered one after another."""

    transport: asyncio.Transport

    def __init__(self, handler: Handler, counts: Counts) -> None:
        self._handler, self._counts = handler, counts
        self._buffer = bytearray()
        self._task: asyncio.Task[None] | None = None
        self.keep_alive = True
        self.writable = asyncio.Event()
        self.writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is not a subclass
        self._counts.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self._counts.connections -= 1
        self.writable.set()
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._next()

    def _next(self) -> None:
        if self._task is not None:
            return
        request = self._take()
        if request is not None:
            self._task = asyncio.get_running_loop().create_task(self._serve(request))

    def _take(self) -> Request | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        length = min(int(headers.get("content-length", "0")), MAX_BODY)
        if len(self._buffer) < end + 4 + length:
            return None
        body = bytes(self._buffer[end + 4 : end + 4 + length])
        del self._buffer[: end + 4 + length]
        method, target, _ = first.split(" ", 2)
        return Request(method, urlsplit(target).path, headers, body)

    async def _serve(self, request: Request) -> None:
        counts, responder = self._counts, Responder(self)
        counts.open += 1
        counts.requests.append(request)
        del counts.requests[:-100]
        try:
            await self._handler(request, responder)
        finally:
            counts.open -= 1
            finished = responder.ended
            counts.served += finished
            counts.aborted += not finished
            self._task = None
            if not finished or not self.keep_alive:
                self.transport.close()
        self._next()


async def serve(
    handler: Handler,
    counts: Counts,
    *,
    host: str,
    port: int,
    stop: asyncio.Event,
    ready: Callable[[int], None],
) -> None:
    """Listen until `stop` is set; `ready` receives the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(handler, counts), host, port, backlog=1024)
    ready(server.sockets[0].getsockname()[1])
    try:
        await stop.wait()
    finally:
        server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.gather(*tasks, return_exceptions=True)
