"""/mcp as an ASGI application: who calls, then the SDK's streamable HTTP. Stateless: every request carries its key."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import orjson
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts.auth import ApiKeyAuth
from apps.chat.mcp.caller import SCOPE_KEY, Caller
from apps.core.database import release_connection
from apps.core.problems import Problem

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

logger = logging.getLogger(__name__)
MAX_BODY = 256 * 1024


class Mount:
    """The SDK's session manager on one event loop, from the first request until `close`."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self.ready: asyncio.Future[StreamableHTTPSessionManager] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._run(), name="mcp")

    async def _run(self) -> None:
        try:
            manager = await asyncio.to_thread(_new_manager)
            async with manager.run():
                self.ready.set_result(manager)
                await self._stop.wait()
        except Exception as error:
            logger.exception("the MCP server ended")
            if not self.ready.done():
                self.ready.set_exception(error)

    async def close(self) -> None:
        self._stop.set()
        await self.task


_mounts: WeakKeyDictionary[asyncio.AbstractEventLoop, Mount] = WeakKeyDictionary()


def _new_manager() -> StreamableHTTPSessionManager:
    """Importing the SDK takes a second: not in a process that nobody asks for it."""
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from apps.chat.mcp.tools import server

    return StreamableHTTPSessionManager(
        server()._lowlevel_server, stateless=True, max_request_body_size=MAX_BODY
    )


async def mcp_application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    try:
        caller = await sync_to_async(_caller, thread_sensitive=False)(scope)
    except Problem as problem:
        await _refuse(send, problem)
        return
    loop = asyncio.get_running_loop()
    mount = _mounts.get(loop)
    if mount is None or mount.task.done():
        mount = _mounts[loop] = Mount()
    manager = await asyncio.shield(mount.ready)
    await manager.handle_request({**scope, SCOPE_KEY: caller}, receive, send)


async def close_mcp() -> None:
    """End what runs on this loop; for the shutdown of a server."""
    mount = _mounts.pop(asyncio.get_running_loop(), None)
    if mount is not None:
        await mount.close()


def _caller(scope: dict[str, Any]) -> Caller:
    """Raises Problem: the host, the origin and the key are judged as everywhere else."""
    request = ASGIRequest(scope, io.BytesIO())
    language = "zh-hans" if request.headers.get("Accept-Language", "").lower().startswith("zh") else "en"
    with translation.override(language):
        _check_origin(request)
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        try:
            key = ApiKeyAuth().authenticate(request, token) if kind.lower() == "bearer" else None
        finally:
            release_connection()
        if key is None:
            raise Problem(
                401, _("A valid API key is needed: Authorization: Bearer ask_…"), code="unauthenticated"
            )
        return Caller(request.user, frozenset(key.scopes), language)  # type: ignore[arg-type]


def _check_origin(request: ASGIRequest) -> None:
    """No page of another site may speak through somebody's browser; no key over plain http where https is on."""
    try:
        host = request.get_host()
    except DisallowedHost:
        raise Problem(400, _("This server does not answer to that host name."), code="host") from None
    origin = request.headers.get("Origin", "")
    if origin and urlsplit(origin).netloc != host:
        raise Problem(403, _("Pages of other sites may not call this."), code="origin")
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise Problem(403, _("Use https."), code="https")


async def _refuse(send: Any, problem: Problem) -> None:
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": str(problem.detail)}}
    headers = [(b"content-type", b"application/json")]
    if problem.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(body)})
