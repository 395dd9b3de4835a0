"""OpenAI-compatible: a cabinet as a model, for every chat client with a base URL.

`askive` asks all that the key's owner may read, `kb:SLUG` one cabinet. Answers carry `citations`.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Router

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey, User
from apps.assistants.access import assistants_for
from apps.cabinets.access import cabinets_for
from apps.chat.answering import answer_events
from apps.chat.ask import Ask
from apps.chat.asking import ask_once
from apps.chat.assisting import PREFIX, Helper, named_helper
from apps.chat.openai_asking import EVERYTHING, CompletionIn, check_abilities
from apps.chat.services import LONGEST_QUESTION
from apps.chat.sourcing import cited_items
from apps.core.problems import Problem
from apps.core.sse import data_frame, event_stream

router = Router(tags=["openai"])
MAX_CABINETS = 500
LONGEST_INSTRUCTIONS = 4000


@router.get("/models", summary="Cabinets as models")
def models(request: HttpRequest):
    user = require_scope(request, ApiKey.Scope.CHAT)
    slugs = cabinets_for(user).order_by("name").values_list("slug", flat=True)[:MAX_CABINETS]
    helpers = assistants_for(user).values_list("slug", flat=True)[:MAX_CABINETS]
    names = [EVERYTHING, *(f"kb:{slug}" for slug in slugs), *(f"{PREFIX}{slug}" for slug in helpers)]
    created = 1_700_000_000
    return {
        "object": "list",
        "data": [{"id": name, "object": "model", "created": created, "owned_by": "askive"} for name in names],
    }


@router.post("/chat/completions", summary="Ask, in OpenAI's protocol")
async def chat_completions(request: HttpRequest, payload: CompletionIn):
    user = require_scope(request, ApiKey.Scope.CHAT)
    ask = await sync_to_async(_ask)(user, payload)
    if payload.stream:
        return event_stream(_chunks(ask, payload.model, include_usage=payload.usage_wanted))
    return await _completion(ask, payload.model)


def _ask(user: User, payload: CompletionIn) -> Ask:
    check_abilities(payload)
    turns = [
        message
        for message in payload.messages
        if message.role in {"user", "assistant"} and message.text.strip()
    ]
    if not turns or turns[-1].role != "user":
        raise Problem(400, _("The last message must be the user's."), code="invalid_request_error")
    if len(turns[-1].text) > LONGEST_QUESTION:
        message = _("A question can have at most %(most)d characters.") % {"most": LONGEST_QUESTION}
        raise Problem(400, message, code="context_length_exceeded")
    helper = named_helper(user, payload.model) or Helper(cabinet_ids=_cabinets(user, payload.model))
    history = [{"role": message.role, "content": message.text} for message in turns[:-1][-12:]]
    return ask_once(
        user,
        content=turns[-1].text.strip(),
        history=history,
        cabinet_ids=helper.cabinet_ids,
        model=helper.model,
        parameters={**helper.parameters, **payload.parameters()},
        instructions="\n\n".join(filter(None, [helper.instructions, _instructions(payload)])),
    )


def _instructions(payload: CompletionIn) -> str:
    """A client's own system prompt is added to our rules; it does not take their place."""
    texts = [message.text for message in payload.messages if message.role in {"system", "developer"}]
    return "\n\n".join(texts)[:LONGEST_INSTRUCTIONS]


def _cabinets(user: User, model: str) -> list[UUID] | None:
    if model == EVERYTHING:
        return None
    slug = model.removeprefix("kb:")
    found = (
        list(cabinets_for(user).filter(slug=slug).values_list("pk", flat=True))
        if model.startswith("kb:")
        else []
    )
    if not found:
        message = _("The model “%(name)s” does not exist.") % {"name": model[:100]}
        raise Problem(404, message, code="model_not_found")
    return found


async def _completion(ask: Ask, model: str) -> HttpResponse:
    text, reasoning, sources, end = [], [], [], {}
    async for name, data in answer_events(ask):
        if name == "delta":
            text.append(data["text"])
        elif name == "reasoning":
            reasoning.append(data["text"])
        elif name == "sources":
            sources = data["items"]
        elif name == "error":
            return _error(502, data["message"], data["code"])
        elif name == "done":
            end = data
    message: dict[str, Any] = {"role": "assistant", "content": "".join(text)}
    if reasoning:
        message["reasoning_content"] = "".join(reasoning)
    message["citations"] = cited_items(sources, end)
    choice = {"index": 0, "message": message, "finish_reason": _reason(end), "logprobs": None}
    return JsonResponse({**_head(ask, model, "chat.completion"), "choices": [choice], "usage": _usage(end)})


async def _chunks(ask: Ask, model: str, *, include_usage: bool) -> AsyncIterator[bytes]:
    head, sources = _head(ask, model, "chat.completion.chunk"), []
    if include_usage:
        head["usage"] = None  # as OpenAI's own chunks have it, until the last

    def chunk(delta: dict[str, Any], reason: str | None = None, **extra: Any) -> bytes:
        return data_frame(
            {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **extra}
        )

    yield chunk({"role": "assistant", "content": ""})
    async with aclosing(answer_events(ask)) as events:
        async for name, data in events:
            if name == "delta":
                yield chunk({"content": data["text"]})
            elif name == "reasoning":
                yield chunk({"reasoning_content": data["text"]})
            elif name == "sources":
                sources = data["items"]
            elif name == "error":
                yield data_frame(_error_body(data["message"], data["code"]))
                return  # without [DONE]: the client must not take this for a normal end
            elif name == "done":
                yield chunk({}, _reason(data), citations=cited_items(sources, data))
                if include_usage:
                    yield data_frame({**head, "choices": [], "usage": _usage(data)})
    yield b"data: [DONE]\n\n"


def _head(ask: Ask, model: str, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{ask.answer_id.hex}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
    }


def _reason(end: dict[str, Any]) -> str:
    return end["finish_reason"] if end["finish_reason"] in {"length", "content_filter"} else "stop"


def _usage(end: dict[str, Any]) -> dict[str, int]:
    prompt, completion = (end["usage"].get(name, 0) for name in ("prompt_tokens", "completion_tokens"))
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _error_body(message: str, code: str) -> dict[str, Any]:
    return {"error": {"message": str(message), "type": "api_error", "param": None, "code": code}}


def _error(status: int, message: str, code: str) -> JsonResponse:
    return JsonResponse(_error_body(message, code), status=status)
