"""What the scripted server sends instead of an answer."""

from __future__ import annotations

import asyncio

import orjson

from tests.fakes.http11 import Responder


async def fault(behaviour: str, argument: str, body: dict[str, object], out: Responder) -> bool:
    """Faults that take the place of a response."""
    if behaviour == "hang":
        await asyncio.sleep(3600)
    elif behaviour == "refuse":
        status = int(argument or "500")
        problem(out, status, f"refused with {status}", "refused", retry_after=7 if status == 429 else None)
    elif behaviour == "context":
        problem(out, 400, "This model's maximum context length is 8192 tokens.", "context_length_exceeded")
    elif behaviour == "html":
        out.whole(
            200,
            b"<!doctype html><html><title>Sign in</title><body>portal</body></html>",
            content_type="text/html",
        )
    elif behaviour == "redirect":
        out.whole(307, b"", headers={"location": "http://127.0.0.1:9/v1/chat/completions"})
    elif behaviour == "old" and "stream_options" in body:
        problem(out, 400, "Unrecognized request argument supplied: stream_options", "unknown_parameter")
    elif behaviour == "strict" and "max_tokens" in body:
        problem(
            out,
            400,
            "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
            "unsupported_parameter",
        )
    elif behaviour == "nostop" and "stop" in body:
        problem(
            out,
            400,
            "Unsupported parameter: 'stop' is not supported with this model.",
            "unsupported_parameter",
        )
    elif behaviour == "noswitch" and "chat_template_kwargs" in body:
        problem(out, 400, "Unrecognized request argument supplied: chat_template_kwargs", "unknown_parameter")
    else:
        return False
    return True


def problem(out: Responder, status: int, message: str, code: str, *, retry_after: int | None = None) -> None:
    headers = {"retry-after": str(retry_after)} if retry_after is not None else None
    out.whole(
        status,
        orjson.dumps({"error": {"message": message, "type": "invalid_request_error", "code": code}}),
        headers=headers,
    )
