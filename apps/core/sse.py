"""Server-sent events: frames, and a response that no proxy buffers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
from django.http import StreamingHttpResponse


def frame(event: str, data: Any) -> bytes:
    return b"event: " + event.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"


def placed_frame(place: int, event: str, data: Any) -> bytes:
    """A frame with an id, so that a reader that lost the line can name where it was; `beat` is a comment."""
    return b": beat\n\n" if event == "beat" else b"id: %d\n" % place + frame(event, data)


def data_frame(data: Any) -> bytes:
    """A frame without an event name, as OpenAI's protocol has it."""
    return b"data: " + orjson.dumps(data) + b"\n\n"


def event_stream(frames: AsyncIterator[bytes]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(frames, content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    response["Content-Encoding"] = "identity"
    return response
