"""One streaming request to a chat endpoint: its deadlines, its bytes and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.rag.errors import ModelError
from apps.rag.llm_faults import transport_faults
from apps.rag.llm_wire import Frame, FrameReader
from apps.rag.reasoning import ReasoningSplitter
from apps.rag.types import AnswerEvent, Delta, Failed, Finished, Reasoning, Usage

if TYPE_CHECKING:
    from openai import AsyncOpenAI

TRAILER_S = 5.0  # how long usage and [DONE] may take after the finish_reason
DRAIN_S = 0.1  # how long the end of the body may take after [DONE], so that the connection can be used again
MAX_ANSWER = 2_000_000  # characters; an endpoint that never stops is cut off here


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, to the first token, between tokens, and for the whole answer."""

    connect: float
    first_token: float
    idle: float
    total: float


class Call:
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
        # All of it as extra_body, which replaces the named fields: walking the messages by their type
        # hints costs the client more than the rest of the request.
        async with asyncio.timeout_at(self._deadline):
            manager = client.chat.completions.with_streaming_response.create(
                model=body["model"],
                messages=[],
                stream=True,
                extra_body=body,
                extra_headers=headers,
                timeout=timeout,
            )
            self._response = (await manager.__aenter__()).http_response
        self._bytes = self._response.aiter_bytes()

    async def read(self) -> list[AnswerEvent]:
        """The events of the next bytes from the network. Sets `over` at the end of the stream."""
        assert self._bytes is not None
        self._reader.check()
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
