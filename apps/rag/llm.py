"""The chat model behind an OpenAI-compatible endpoint.

Every fault becomes one Failed event, and a stream counts as finished only if the server gave a
finish_reason: a cut connection and an HTML page otherwise look like a normal end.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from apps.rag.errors import ModelError
from apps.rag.interfaces import Message
from apps.rag.llm_clients import auth_headers, close_clients, http_client, openai_client
from apps.rag.llm_faults import adapted, as_model_error, transport_faults
from apps.rag.llm_wire import Frame, FrameReader
from apps.rag.reasoning import ReasoningSplitter, thinks_first
from apps.rag.types import AnswerEvent, Delta, Failed, Finished, Reasoning, Usage

if TYPE_CHECKING:
    from openai import AsyncOpenAI

log = logging.getLogger(__name__)

Parameters = dict[str, float | int]

TRAILER_S = 5.0  # how long usage and [DONE] may take after the finish_reason
DRAIN_S = 0.1  # how long the end of the body may take after [DONE], so that the connection can be used again
REQUEST_ATTEMPTS = 4  # the first, and one for each way of adapting the request
MAX_ANSWER = 2_000_000  # characters; an endpoint that never stops is cut off here


@dataclass(frozen=True, slots=True)
class Completion:
    text: str
    finish_reason: str
    usage: Usage | None = None
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, to the first token, between tokens, and for the whole answer."""

    connect: float
    first_token: float
    idle: float
    total: float


class OpenAIChat:
    """Implements interfaces.LLM. Cheap to make: the connections are shared per base URL and loop."""

    def __init__(
        self,
        base_url: str,
        api_key: str = "",
        *,
        connect_s: float = 5,
        first_token_s: float = 60,
        idle_s: float = 30,
        total_s: float = 600,
        name: str = "openai",
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"not an http(s) base URL: {base_url!r}")
        if min(connect_s, first_token_s, idle_s, total_s) <= 0:
            raise ValueError("timeouts must be positive")
        self.name = name
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._timeouts = Timeouts(connect_s, first_token_s, idle_s, total_s)
        self._client: AsyncOpenAI | None = None

    async def stream(self, messages: Sequence[Message], *, model: str, parameters: Parameters) -> AsyncIterator[AnswerEvent]:
        """Reasoning and Delta events, ended by exactly one Finished or Failed; never raises for a
        fault of the endpoint. The connection closes as soon as the iteration is closed or cancelled.
        Deltas that arrive in one network packet come as one event."""
        client = await self._bound()
        faults = (ModelError, *transport_faults())
        call = _Call(self._timeouts, starts_inside=thinks_first(model) or _HABITS.sends_only_close(self._base_url, model))
        try:
            try:
                await self._open(call, client, messages, model=model, parameters=parameters)
                while not call.over:
                    for event in await call.read():
                        yield event
                end: AnswerEvent = call.end()
            except TimeoutError:
                end = call.timed_out()
            except faults as fault:
                end = call.failed(as_model_error(fault, secret=self._api_key))
            if call.stray_close:
                _HABITS.note_only_close(self._base_url, model)
            yield end
        finally:
            await call.close()

    async def complete(self, messages: Sequence[Message], *, model: str, parameters: Parameters) -> Completion:
        """The whole answer, under the same timeouts. Raises ModelError."""
        text: list[str] = []
        thoughts: list[str] = []
        async for event in self.stream(messages, model=model, parameters=parameters):
            if isinstance(event, Delta):
                text.append(event.text)
            elif isinstance(event, Reasoning):
                thoughts.append(event.text)
            elif isinstance(event, Finished):
                return Completion("".join(text), event.finish_reason, event.usage, "".join(thoughts))
            elif isinstance(event, Failed):
                raise ModelError(event.detail, code=event.code)
        raise ModelError(code="model_interrupted")

    def complete_blocking(self, messages: Sequence[Message], *, model: str, parameters: Parameters) -> Completion:
        """`complete` for code outside an event loop, such as a background task."""

        async def once() -> Completion:
            try:
                return await self.complete(messages, model=model, parameters=parameters)
            finally:
                await close_clients()

        return asyncio.run(once())

    async def models(self) -> list[str]:
        """The ids that the endpoint lists, at most 1,000. Raises ModelError."""
        try:
            async with asyncio.timeout(self._timeouts.connect + self._timeouts.idle):
                client = await self._bound()
                page = await client.models.list(extra_headers=auth_headers(self._api_key), timeout=self._timeouts.connect + self._timeouts.idle)
        except TimeoutError as error:
            raise ModelError("no list of models in time", code="model_timeout") from error
        except transport_faults() as fault:
            raise as_model_error(fault, secret=self._api_key) from fault
        listed = getattr(page, "data", None)
        if not isinstance(listed, list):
            raise ModelError("no list of models", code="model_bad_answer")
        return [str(item.id) for item in listed[:1000]]

    async def _bound(self) -> AsyncOpenAI:
        """An openai client on the running loop's connections."""
        http = await http_client(self._base_url)
        if self._client is None or self._client._client is not http:
            self._client = openai_client(http, base_url=self._base_url, api_key=self._api_key)
        return self._client

    async def _open(self, call: _Call, client: AsyncOpenAI, messages: Sequence[Message], *, model: str, parameters: Parameters) -> None:
        """Send the request; where the endpoint rejects a part of it that it can do without, send
        it again without that, and remember it for the next time."""
        headers = auth_headers(self._api_key)
        key = (self._base_url, model)
        body = _HABITS.fitted(key, {"model": model, "messages": list(messages), "stream": True, "stream_options": {"include_usage": True}, **parameters})
        for attempt in range(REQUEST_ATTEMPTS):
            try:
                return await call.open(client, body, headers=headers)
            except transport_faults() as fault:
                change = adapted(body, fault, first=attempt == 0)
                if change is None or attempt == REQUEST_ATTEMPTS - 1:
                    raise
                body = change.body
                _HABITS.note(key, change.moves)
        raise ModelError(code="model_unavailable")


class _Call:
    """One request and its deadlines, which all start when the call is made."""

    def __init__(self, timeouts: Timeouts, *, starts_inside: bool) -> None:
        now = asyncio.get_running_loop().time()
        self._timeouts = timeouts
        self._last = now + timeouts.total
        self._deadline = min(now + timeouts.first_token, self._last)
        self._splitter = ReasoningSplitter(starts_inside=starts_inside)
        self._reader = FrameReader()
        self._response: Any = None
        self._bytes: AsyncIterator[bytes] | None = None
        self._finish_reason: str | None = None
        self._usage: Usage | None = None
        self._length = 0  # characters so far, thinking included
        self._words = False  # the answer holds more than white space
        self._started = False
        self.over = False

    @property
    def stray_close(self) -> bool:
        return self._splitter.stray_close

    async def open(self, client: AsyncOpenAI, body: dict[str, Any], *, headers: dict[str, Any]) -> None:
        import httpx2

        waits = self._timeouts
        timeout = httpx2.Timeout(None, connect=waits.connect, pool=waits.connect, write=waits.idle)
        known = {"model": body["model"], "messages": body["messages"], "stream": True}
        extra = {name: value for name, value in body.items() if name not in known}
        async with asyncio.timeout_at(self._deadline):
            manager = client.chat.completions.with_streaming_response.create(**known, extra_body=extra, extra_headers=headers, timeout=timeout)
            self._response = (await manager.__aenter__()).http_response
        self._bytes = self._response.aiter_bytes()

    async def read(self) -> list[AnswerEvent]:
        """The events of the next bytes from the network. Sets `over` at the end of the stream."""
        assert self._bytes is not None
        try:
            async with asyncio.timeout_at(self._deadline):
                data = await anext(self._bytes)
        except StopAsyncIteration:
            self.over = True
            frame = self._reader.finish()
        except TimeoutError:
            if self._finish_reason is None:
                raise
            self.over = True  # the answer is whole; only its usage never came
            return []
        else:
            frame = self._reader.feed(data)
        events = self._take(frame)
        if frame.done:
            self.over = True
            await self._drain()
        if self.over:
            events += self._counted(self._splitter.finish())
        return events

    def _take(self, frame: Frame) -> list[AnswerEvent]:
        now = asyncio.get_running_loop().time()
        self._usage = frame.usage or self._usage
        self._finish_reason = frame.finish_reason or self._finish_reason
        if frame.text or frame.reasoning:
            self._started = True
        if self._finish_reason is not None:
            self._deadline = min(now + TRAILER_S, self._last)
        elif self._started:
            self._deadline = min(now + self._timeouts.idle, self._last)
        if not (frame.text or frame.reasoning):
            return []
        return self._counted(self._splitter.feed(content=frame.text, reasoning=frame.reasoning))

    def _counted(self, pieces: list[Reasoning | Delta]) -> list[AnswerEvent]:
        for piece in pieces:
            self._length += len(piece.text)
            if isinstance(piece, Delta) and not self._words:
                self._words = not piece.text.isspace()
        if self._length > MAX_ANSWER:
            raise ModelError(f"more than {MAX_ANSWER} characters", code="model_bad_answer")
        return list(pieces)

    def end(self) -> Finished | Failed:
        if self._finish_reason is None:
            return Failed("model_interrupted", "the stream ended without a finish_reason")
        if not self._words:
            return Failed("model_empty", f"finish_reason {self._finish_reason} without a word")
        return Finished(self._finish_reason, self._usage)

    def timed_out(self) -> Failed:
        if asyncio.get_running_loop().time() >= self._last:
            return Failed("model_timeout", f"not finished after {self._timeouts.total:g} s")
        if self._started:
            return Failed("model_timeout", f"nothing for {self._timeouts.idle:g} s")
        return Failed("model_timeout", f"no first token after {self._timeouts.first_token:g} s")

    def failed(self, error: ModelError) -> AnswerEvent:
        if self._finish_reason is not None and self._words:
            return Finished(self._finish_reason, self._usage)  # it was whole before the fault
        if self._started and error.code == "model_unavailable":
            return Failed("model_interrupted", error.detail)
        return Failed(error.code, error.detail)

    async def close(self) -> None:
        if self._response is not None:
            await self._response.aclose()

    async def _drain(self) -> None:
        assert self._bytes is not None
        with suppress(TimeoutError, *transport_faults()):
            async with asyncio.timeout(DRAIN_S):
                async for _ in self._bytes:
                    continue


class _Habits:
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


_HABITS = _Habits()
