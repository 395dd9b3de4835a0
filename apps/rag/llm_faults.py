"""Faults of the transport and of the endpoint, as ModelError with one of MODEL_ERROR_CODES."""

from __future__ import annotations

import re
import ssl
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from apps.rag.errors import ModelError
from apps.rag.llm_wire import error_code

# What a request can do without, or by another name, where the endpoint says that it does not know it.
_REPLACEMENTS: dict[str, str | None] = {
    "stream_options": None,
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
    "temperature": None,
    "top_p": None,
    "presence_penalty": None,
    "frequency_penalty": None,
    "seed": None,
    "stop": None,  # the answer is cut here as well
    "chat_template_kwargs": None,
    "reasoning_effort": None,
}
_REJECTS = re.compile(
    r"unsupported|unrecognized|unknown|not support|unexpected|not permitted|extra|invalid|does not|only the default|不支持|未知",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A request to try in place of a rejected one, and what was renamed (None: left out)."""

    body: dict[str, Any]
    moves: dict[str, str | None]


@lru_cache(maxsize=1)
def transport_faults() -> tuple[type[Exception], ...]:
    """Everything that the openai package and the client below it raise for a bad endpoint."""
    import anyio
    import httpx2
    import openai

    return (
        openai.OpenAIError,
        httpx2.HTTPError,
        httpx2.InvalidURL,
        httpx2.StreamError,
        ssl.SSLError,
        anyio.EndOfStream,
        OSError,
        ValueError,
    )


def as_model_error(fault: Exception, *, secret: str = "") -> ModelError:
    """The fault with its code and a detail for the log; the API key never appears in it."""
    if isinstance(fault, ModelError):
        return fault
    import httpx2
    import openai

    if isinstance(fault, openai.APIStatusError):
        message = _said(fault)
        code = error_code(fault.status_code, message, str(getattr(fault, "code", None) or ""))
        wait, target = fault.response.headers.get("retry-after"), fault.response.headers.get("location")
        detail = (
            f"HTTP {fault.status_code}: {message}"
            + (f" (retry after {wait} s)" if wait else "")
            + (f" (a redirect to {target}, not followed)" if target else "")
        )
        return ModelError(_clean(detail, secret), code=code)
    cause = fault.__cause__ or fault
    timed_out = isinstance(cause, httpx2.TimeoutException) and not isinstance(
        cause, httpx2.ConnectTimeout | httpx2.PoolTimeout
    )
    detail = f"{type(cause).__name__}: {cause}"
    return ModelError(_clean(detail, secret), code="model_timeout" if timed_out else "model_unavailable")


def adapted(body: dict[str, Any], fault: Exception, *, first: bool) -> Change | None:
    """The request to send after this fault, or None to give up."""
    import openai

    if isinstance(fault, openai.APIConnectionError):
        # A kept connection that the server closed at the same moment; nothing was answered yet.
        return Change(body, {}) if first and _is_stale(fault.__cause__) else None
    if not isinstance(fault, openai.APIStatusError) or fault.status_code not in {400, 422}:
        return None
    said = _said(fault)
    if not _REJECTS.search(said):
        return None
    for name, other in _REPLACEMENTS.items():
        if name in body and re.search(rf"(?<![a-z_]){name}(?![a-z_])", said):
            rest = {key: value for key, value in body.items() if key != name}
            return Change({**rest, other: body[name]} if other else rest, {name: other})
    return None


def _is_stale(cause: BaseException | None) -> bool:
    """aiohttp's name for it arrives as the cause of a timeout to connect."""
    import aiohttp
    import httpx2

    below = cause.__cause__ if cause is not None else None
    return isinstance(cause, httpx2.RemoteProtocolError | httpx2.ReadError) or isinstance(
        below, aiohttp.ServerDisconnectedError | ConnectionResetError
    )


def _said(fault: Any) -> str:
    """What the endpoint wrote, as far as it can be read."""
    body = getattr(fault, "body", None)
    if isinstance(body, dict):
        inner = body.get("error", body)
        message = inner.get("message") or inner.get("detail") if isinstance(inner, dict) else inner
        if message:
            return str(message)
    return str(fault.message)


def _clean(detail: str, secret: str) -> str:
    text = detail.replace(secret, "[key]") if secret else detail
    return " ".join(text.split())[:500]


class Habits:
    """What endpoints were seen to reject or to leave out, so that the next request fits at once.
    Bounded; lost on restart, where the first request learns it again."""

    LIMIT = 256

    def __init__(self) -> None:
        self._moves: OrderedDict[tuple[str, str], dict[str, str | None]] = OrderedDict()
        self._only_close: OrderedDict[tuple[str, str], None] = OrderedDict()

    def fitted(self, key: tuple[str, str], body: dict[str, Any]) -> dict[str, Any]:
        """`body` with the parts renamed or left out that this endpoint rejects."""
        moves = self._moves.get(key, {})
        renamed = ((moves.get(name, name), value) for name, value in body.items())
        return {name: value for name, value in renamed if name is not None}

    def note(self, key: tuple[str, str], moves: dict[str, str | None]) -> None:
        self._moves[key] = {**self._moves.get(key, {}), **moves}
        if len(self._moves) > self.LIMIT:
            self._moves.popitem(last=False)

    def sends_only_close(self, base_url: str, model: str) -> bool:
        return (base_url, model) in self._only_close

    def note_only_close(self, base_url: str, model: str) -> None:
        self._only_close[base_url, model] = None
        if len(self._only_close) > self.LIMIT:
            self._only_close.popitem(last=False)


HABITS = Habits()
