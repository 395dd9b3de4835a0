"""Calls to a workplace app: only to its own hosts, each at an address looked up once, without redirects.

Secrets travel in the query of some of these calls, as their makers want it, so no address is logged or told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from django.core.cache import cache

from apps.core.secrets import Unreadable, decrypt, encrypt
from apps.net.outbound import guarded_client

CALL_SECONDS = 10.0
LARGEST = 256 * 1024
EARLY_SECONDS = 300  # before its end a token of the app is asked for anew
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class WorkplaceError(Exception):
    """Why somebody cannot sign in this way; for the log, not for the page."""


@dataclass(frozen=True, slots=True)
class App:
    """This server as it is registered there. `url` is the address of a private deployment, in the place of the
    public hosts."""

    kind: str
    app_id: str
    secret: str
    agent_id: str = ""
    url: str = ""

    def at(self, host: str, path: str) -> str:
        """Raises WorkplaceError where the deployment's address is not safe to send secrets to."""
        base = self.url.rstrip("/") or f"https://{host}"
        if not base.startswith("https://") and urlsplit(base).hostname not in LOOPBACK:
            raise WorkplaceError("the address of the deployment must be an https address")
        return f"{base}{path}"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the organisation. `subject` stays when the name for signing in changes."""

    subject: str
    username: str
    display_name: str = ""


def asked(
    method: str,
    url: str,
    *,
    params: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The answer, a JSON object, whatever its status says of the request. Raises WorkplaceError."""
    where = urlsplit(url)
    try:
        with guarded_client([where.netloc], seconds=CALL_SECONDS) as client:
            answer = client.request(
                method,
                url,
                params=dict(params) if params else None,
                json=dict(body) if body is not None else None,
                headers=dict(headers or {}),
            )
        if answer.status_code >= 500 or answer.is_redirect or len(answer.content) > LARGEST:
            raise WorkplaceError(f"{where.path} answered {answer.status_code}")
        found = answer.json()
    except (httpx2.HTTPError, ValueError) as error:
        raise WorkplaceError(f"{where.path} cannot be read: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise WorkplaceError(f"{where.path} is no JSON object")
    return found


def text(found: Mapping[str, Any], name: str) -> str:
    """The field as a text; "" where it is not there or something else."""
    value = found.get(name)
    return value if isinstance(value, str) else ""


def needed(found: Mapping[str, Any], name: str, *, of: str) -> str:
    """Raises WorkplaceError where it is not there."""
    value = text(found, name)
    if not value:
        raise WorkplaceError(f"{of} told no {name}")
    return value


def app_token(app: App, fetch: Callable[[], tuple[str, int]]) -> str:
    """The token of the app itself, kept encrypted until shortly before its end. `fetch` gives it and its seconds."""
    kept = cache.get(_key(app))
    if kept is not None:
        try:
            return decrypt(kept)
        except Unreadable:
            forget_token(app)
    token, seconds = fetch()
    if seconds > EARLY_SECONDS:
        cache.set(_key(app), encrypt(token), seconds - EARLY_SECONDS)
    return token


def forget_token(app: App) -> None:
    cache.delete(_key(app))


def _key(app: App) -> str:
    told = "\n".join((app.kind, app.app_id, app.secret, app.url))
    return f"workplace:{hashlib.sha256(told.encode()).hexdigest()[:32]}"
