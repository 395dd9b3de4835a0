"""The chat model behind an OpenAI-compatible endpoint.

Every fault becomes one Failed event, and a stream counts as finished only if the server gave a
finish_reason: a cut connection and an HTML page otherwise look like a normal end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from apps.rag.errors import ModelError
from apps.rag.interfaces import Message
from apps.rag.llm_call import Call, Timeouts
from apps.rag.llm_clients import auth_headers, close_clients, http_client, openai_client
from apps.rag.llm_faults import HABITS, adapted, as_model_error, transport_faults
from apps.rag.reasoning import thinks_first
from apps.rag.types import AnswerEvent, Delta, Failed, Finished, Reasoning, Usage

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Parameters = Mapping[str, Any]

REQUEST_ATTEMPTS = 4  # the first, and one for each way of adapting the request


@dataclass(frozen=True, slots=True)
class Completion:
    text: str
    finish_reason: str
    usage: Usage | None = None
    reasoning: str = ""


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
        pinned: bool = False,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"not an http(s) base URL: {base_url!r}")
        if min(connect_s, first_token_s, idle_s, total_s) <= 0:
            raise ValueError("timeouts must be positive")
        self.name = name
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._pinned = pinned
        self._timeouts = Timeouts(connect_s, first_token_s, idle_s, total_s)
        self._client: AsyncOpenAI | None = None

    async def stream(
        self, messages: Sequence[Message], *, model: str, parameters: Parameters
    ) -> AsyncIterator[AnswerEvent]:
        """Reasoning and Delta events, ended by exactly one Finished or Failed; never raises for a
        fault of the endpoint. The connection closes as soon as the iteration is closed or cancelled.
        Deltas that arrive in one network packet come as one event."""
        client = await self._bound()
        faults: tuple[type[Exception], ...] = (ModelError, *transport_faults())
        call = Call(
            self._timeouts,
            starts_inside=thinks_first(model) or HABITS.sends_only_close(self._base_url, model),
        )
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
                HABITS.note_only_close(self._base_url, model)
            yield end
        finally:
            await call.close()

    async def complete(
        self, messages: Sequence[Message], *, model: str, parameters: Parameters
    ) -> Completion:
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

    def complete_blocking(
        self, messages: Sequence[Message], *, model: str, parameters: Parameters
    ) -> Completion:
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
                page = await client.models.list(
                    extra_headers=auth_headers(self._api_key),
                    timeout=self._timeouts.connect + self._timeouts.idle,
                )
        except TimeoutError as error:
            raise ModelError("no list of models in time", code="model_timeout") from error
        except transport_faults() as fault:
            raise as_model_error(fault, secret=self._api_key) from fault
        except AttributeError as error:  # the client takes a page of HTML for a list
            raise ModelError("no list of models", code="model_bad_answer") from error
        listed = getattr(page, "data", None)
        if not isinstance(listed, list):
            raise ModelError("no list of models", code="model_bad_answer")
        return [str(item.id) for item in listed[:1000]]

    async def _bound(self) -> AsyncOpenAI:
        """An openai client on the running loop's connections."""
        http = await http_client(self._base_url, pinned=self._pinned)
        if self._client is None or self._client._client is not http:
            self._client = openai_client(http, base_url=self._base_url, api_key=self._api_key)
        return self._client

    async def _open(
        self,
        call: Call,
        client: AsyncOpenAI,
        messages: Sequence[Message],
        *,
        model: str,
        parameters: Parameters,
    ) -> None:
        """Send the request; where the endpoint rejects a part of it that it can do without, send
        it again without that, and remember it for the next time."""
        headers = auth_headers(self._api_key)
        key = (self._base_url, model)
        body = HABITS.fitted(
            key,
            {
                "model": model,
                "messages": list(messages),
                "stream": True,
                "stream_options": {"include_usage": True},
                **parameters,
            },
        )
        for attempt in range(REQUEST_ATTEMPTS):
            try:
                return await call.open(client, body, headers=headers)
            except transport_faults() as fault:
                change = adapted(body, fault, first=attempt == 0)
                if change is None or attempt == REQUEST_ATTEMPTS - 1:
                    raise
                body = change.body
                HABITS.note(key, change.moves)
        raise ModelError(code="model_unavailable")
