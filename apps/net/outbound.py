"""Which hosts may be called, and at which address: for endpoints that people enter, not the environment.

A name is looked up once, judged, and that very address is called: a name that answers differently at the
second look leads nowhere else. TLS still checks the certificate of the name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import Any
from urllib.parse import urlsplit

import httpx2

# Where clouds answer machines with their own credentials; the rest lies in the link-local range.
_METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "168.63.129.16", "fd00:ec2::254")))
LOOKUP_SECONDS = 5.0


def is_allowed(base_url: str, hosts: Iterable[str]) -> bool:
    """Whether the host is on the list: `host` for any port, `host:port`, or `*.example.com` for what lies below."""
    try:
        parts = urlsplit(base_url)
        host, port = (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.password:
        return False
    return any(_fits(host, port, entry.lower()) for entry in hosts)


def _fits(host: str, port: int, entry: str) -> bool:
    name, _colon, wanted = entry.rpartition(":") if entry.count(":") == 1 else (entry, "", "")
    if wanted and wanted != str(port):
        return False
    if name.startswith("*."):
        return len(name) > 3 and host.endswith(name[1:])
    return host == name.strip("[]")


def is_callable(address: str, *, host: str) -> bool:
    """Never the machine's own metadata, nor what is no single host; loopback only by its own name."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_link_local or found.is_multicast or found.is_unspecified or found in _METADATA:
        return False
    return not found.is_loopback or host == "localhost" or host.endswith(".localhost") or _is_literal(host)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def address_of(host: str, port: int) -> str:
    """The first address of a host. Raises httpx2.ConnectError where there is none that may be called."""
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError) as error:
        raise httpx2.ConnectError(f"{host} cannot be looked up: {error}") from error
    return _judged(host, rows)


def address_now(host: str, port: int) -> str:
    """The same outside an event loop."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="lookup")
    try:
        found = pool.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        return _judged(host, found.result(LOOKUP_SECONDS))
    except (OSError, Late) as error:
        raise httpx2.ConnectError(f"{host} cannot be looked up: {error}") from error
    finally:
        pool.shutdown(wait=False)


def _judged(host: str, rows: Sequence[Any]) -> str:
    addresses = [str(row[4][0]) for row in rows]
    if not addresses or not all(is_callable(address, host=host) for address in addresses):
        raise httpx2.ConnectError(f"{host} leads to an address that is never called")
    return addresses[0]


class PinnedTransport(httpx2.AsyncHTTPTransport):
    """Calls each host at the address of the first look, until that no longer answers."""

    def __init__(self, *, verify: object, limits: httpx2.Limits) -> None:
        super().__init__(verify=verify, limits=limits)  # type: ignore[arg-type]
        self._known: dict[str, str] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        if host not in self._known:
            self._known[host] = await address_of(host, port)
        request.url = request.url.copy_with(host=self._known[host])
        request.extensions = {**request.extensions, "sni_hostname": host}
        try:
            return await super().handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            self._known.pop(host, None)  # it may have moved: judged anew at the next call
            raise


class GuardedTransport(httpx2.HTTPTransport):
    """For calls outside an event loop: only to hosts of the list, each at the address of its first look."""

    def __init__(self, hosts: Iterable[str], *, verify: ssl.SSLContext | bool = True) -> None:
        super().__init__(verify=verify, trust_env=False)
        self._hosts = list(hosts)
        self._known: dict[str, str] = {}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if not is_allowed(str(request.url), self._hosts):
            raise httpx2.ConnectError(f"{request.url.host} is not a host that may be called")
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        if host not in self._known:
            self._known[host] = address_now(host, port)
        request.url = request.url.copy_with(host=self._known[host])
        request.extensions = {**request.extensions, "sni_hostname": host}
        return super().handle_request(request)


def guarded_client(hosts: Iterable[str], *, seconds: float) -> httpx2.Client:
    """Calls these hosts alone (entries as for is_allowed), at addresses looked up once; follows no redirect,
    uses no proxy of the environment. For sign-in providers, webhooks and whatever else is called by name."""
    transport = GuardedTransport(hosts)
    return httpx2.Client(transport=transport, timeout=seconds, follow_redirects=False, trust_env=False)
