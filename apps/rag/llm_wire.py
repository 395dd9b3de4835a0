"""The wire format of OpenAI-compatible chat endpoints, read without the client's object models.

Building a pydantic object for every token costs several times what the token's text is worth, and
the client takes an HTML page or a cut stream for a normal end; so the bytes are read here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from apps.rag.errors import ModelError
from apps.rag.types import Usage

MAX_HELD = 4 * 1024 * 1024  # bytes of one frame, or of a whole JSON answer
_FIELDS = (b"data:", b":", b"event:", b"id:", b"retry:")


@dataclass(slots=True)
class Frame:
    """What one or several frames said: text, thinking, and how it ended."""

    text: str = ""
    reasoning: str = ""
    finish_reason: str | None = None
    usage: Usage | None = None
    done: bool = False  # the [DONE] mark


class FrameReader:
    """Bytes in any cut → frames. Raises ModelError model_bad_answer where it is not the protocol,
    and the code of an error object that the server sent inside the stream."""

    def __init__(self) -> None:
        self._held = b""
        self._kind = ""  # "", "events" or "json"
        self._fault: ModelError | None = None

    def feed(self, data: bytes) -> Frame:
        """All that these bytes completed, joined into one frame."""
        frame = Frame()
        self._held += data
        if not self._kind:
            self._decide()
        if self._kind == "events":
            *lines, self._held = self._held.split(b"\n")
            self._read(lines, frame)
        if len(self._held) > MAX_HELD:
            raise ModelError("a frame larger than 4 MiB", code="model_bad_answer")
        return frame

    def _read(self, lines: list[bytes], frame: Frame) -> None:
        """A fault behind words that came with the same bytes waits until these are taken."""
        try:
            for line in lines:
                if line.startswith(b"data:"):
                    _read_data(line[5:].strip(), frame)
        except ModelError as fault:
            if not (frame.text or frame.reasoning):
                raise
            self._fault = fault

    def check(self) -> None:
        """Raises the fault that waits."""
        if self._fault is not None:
            raise self._fault

    def finish(self) -> Frame:
        """What the end of the body completes: a last line without newline, or a JSON answer."""
        frame = Frame()
        held, self._held = self._held.strip(), b""
        if self._kind == "json" and held:
            body = _loads(held)
            _add(body, frame, part="message")
        elif held.startswith(b"data:"):
            _read_data(held[5:].strip(), frame)
        elif held and not self._kind:
            raise ModelError(_excerpt(held), code="model_bad_answer")
        return frame

    def _decide(self) -> None:
        """Tell an event stream from a JSON answer and from anything else by the first bytes;
        the content type is wrong too often to go by."""
        start = self._held.lstrip(b"\xef\xbb\xbf \r\n")
        if any(start.startswith(field) for field in _FIELDS):
            self._kind = "events"
        elif start.startswith(b"{"):
            self._kind = "json"
        elif len(start) > 8:
            raise ModelError(_excerpt(start), code="model_bad_answer")


def error_code(status: int, message: str, code: str = "") -> str:
    """The MODEL_ERROR_CODES entry for an HTTP status and what the endpoint said."""
    said = f"{code} {message}".lower()
    if status == 413 or any(sign in said for sign in _TOO_LONG):
        return "model_context"
    by_status = {
        401: "model_auth",
        403: "model_auth",
        404: "model_not_found",
        408: "model_timeout",
        429: "model_busy",
        504: "model_timeout",
    }
    if status in by_status:
        return by_status[status]
    if 300 <= status < 400:
        return "model_bad_answer"
    return "model_unavailable"


_TOO_LONG = (
    "context_length_exceeded",
    "maximum context length",
    "context window",
    "context length",
    "context size",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "input length should be",
    "max_model_len",
    "too many tokens",
    "exceeds the model's maximum",
    "string too long",
    "上下文长度",
    "输入过长",
    "超出最大长度",
)


def _read_data(data: bytes, frame: Frame) -> None:
    if data == b"[DONE]":
        frame.done = True
    elif data:
        _add(_loads(data), frame, part="delta")


def _loads(data: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ModelError(f"broken JSON: {_excerpt(data)}", code="model_bad_answer") from error
    if not isinstance(body, dict):
        raise ModelError(_excerpt(data), code="model_bad_answer")
    return body


def _add(body: dict[str, Any], frame: Frame, *, part: str) -> None:
    choices = body.get("choices")
    if not isinstance(choices, list):
        _raise_error(body)
        if "usage" not in body:
            raise ModelError(f"no choices: {_excerpt(orjson.dumps(body))}", code="model_bad_answer")
        choices = []
    if choices and isinstance(choices[0], dict):
        _add_choice(choices[0], frame, part=part)
    elif "error" in body:
        _raise_error(body)
    usage = body.get("usage")
    if isinstance(usage, dict):
        frame.usage = Usage(int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))


def _add_choice(choice: dict[str, Any], frame: Frame, *, part: str) -> None:
    delta = choice.get(part)
    if isinstance(delta, dict):
        content = delta.get("content")
        if content:
            if isinstance(content, str):
                frame.text += content
            else:
                _add_parts(content, frame)
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if thought and isinstance(thought, str):
            frame.reasoning += thought
    reason = choice.get("finish_reason")
    if reason:
        frame.finish_reason = str(reason)


def _add_parts(content: object, frame: Frame) -> None:
    """Content as a list of typed parts, as some vendors send it."""
    for part in content if isinstance(content, list) else ():
        if not isinstance(part, dict):
            continue
        if isinstance(part.get("text"), str):
            frame.text += part["text"]
        elif isinstance(part.get("thinking"), list):
            inner = Frame()
            _add_parts(part["thinking"], inner)
            frame.reasoning += inner.text


def _raise_error(body: dict[str, Any]) -> None:
    error = body.get("error") or (body if body.get("object") == "error" else None)
    if not error:
        return
    fields = error if isinstance(error, dict) else {"message": str(error)}
    message, code = str(fields.get("message", "")), fields.get("code")
    status = code if isinstance(code, int) else 0
    raise ModelError(message[:500], code=error_code(status, message, str(code or fields.get("type") or "")))


def _excerpt(data: bytes) -> str:
    return data[:160].decode("utf-8", "replace")
