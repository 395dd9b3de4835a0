"""REST: questions and their answers, streamed; joined later, made anew, gone on with, compared."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Status

from apps.accounts.auth import require_scope
from apps.accounts.models import ApiKey
from apps.chat import branches, selectors, services
from apps.chat.answering import answer_events, begin, placed_events
from apps.chat.ask import Ask
from apps.chat.asking import ask_again, ask_in_conversation, ask_models, ask_on
from apps.chat.joining import joined_events
from apps.chat.live import Placed, check_room
from apps.chat.schemas import AgainIn, ComparedOut, CompareIn, MessageOut, OnIn, QuestionIn
from apps.core.sse import event_stream, placed_frame

router = Router(tags=["chat"])
CHAT = ApiKey.Scope.CHAT


@router.post("/conversations/{uuid:conversation_id}/messages", summary="Ask; the answer is streamed")
async def message_create(request: HttpRequest, conversation_id: UUID, payload: QuestionIn, render: str = ""):
    """`text/event-stream` with start, status, sources, reasoning and delta events, ended by exactly one
    done or error; `render=html` adds the answer so far as HTML. With stream = false one JSON object.

    Who hangs up ends the answer, unless `keep` is true; then it is written to its end, and
    `GET /messages/{id}/stream` joins it. `edit_of` names a question that this one stands in for: both branches
    are kept, and the new one is shown."""
    user = require_scope(request, CHAT)
    check_room(user, keep=payload.keep)
    ask = await sync_to_async(ask_in_conversation)(
        user,
        conversation_id,
        content=payload.content,
        model=payload.model,
        parameters=payload.parameters.chosen(),
        cabinet_ids=payload.cabinet_ids,
        document_ids=payload.document_ids,
        scope=payload.scope.dict() if payload.scope else None,
        edit_of=payload.edit_of,
    )
    return await _answer(ask, stream=payload.stream, render=render == "html", keep=payload.keep)


@router.post("/messages/{uuid:message_id}/regenerate", summary="Answer the same question anew")
async def message_regenerate(request: HttpRequest, message_id: UUID, payload: AgainIn, render: str = ""):
    """The new answer stands beside the old one. With the basis `general` the model answers from its own
    knowledge, without documents, and the answer is labelled so."""
    user = require_scope(request, CHAT)
    check_room(user, keep=payload.keep)
    ask = await sync_to_async(ask_again)(
        user,
        message_id,
        model=payload.model,
        parameters=payload.parameters.chosen(),
        basis=payload.basis,
    )
    return await _answer(ask, stream=payload.stream, render=render == "html", keep=payload.keep)


@router.post("/messages/{uuid:message_id}/continue", summary="Let an answer go on that was cut off")
async def message_continue(request: HttpRequest, message_id: UUID, payload: OnIn, render: str = ""):
    """The same message goes on; the words it had come as the first delta. 409 where the answer is whole."""
    user = require_scope(request, CHAT)
    check_room(user, keep=payload.keep)
    ask = await sync_to_async(ask_on)(user, message_id, parameters=payload.parameters.chosen())
    return await _answer(ask, stream=payload.stream, render=render == "html", keep=payload.keep)


@router.post(
    "/conversations/{uuid:conversation_id}/compare",
    response={202: ComparedOut},
    summary="Ask up to three models the same question",
)
async def message_compare(request: HttpRequest, conversation_id: UUID, payload: CompareIn):
    """The answers are written side by side and kept; each is read at `GET /messages/{id}/stream`, and
    `POST /messages/{id}/show` chooses one."""
    user = require_scope(request, CHAT)
    check_room(user, keep=True, wanted=len(payload.models))
    asks = await sync_to_async(ask_models)(
        user,
        conversation_id,
        content=payload.content,
        models=payload.models,
        parameters=payload.parameters.chosen(),
        cabinet_ids=payload.cabinet_ids,
        document_ids=payload.document_ids,
        scope=payload.scope.dict() if payload.scope else None,
        edit_of=payload.edit_of,
    )
    for ask in asks:
        begin(ask, keep=True)
    answers = [{"message_id": ask.answer_id, "model": ask.model_name} for ask in asks]
    return Status(202, {"conversation_id": conversation_id, "answers": answers})


@router.get("/messages/{uuid:message_id}", response=MessageOut, summary="One message")
def message(request: HttpRequest, message_id: UUID):
    user = require_scope(request, CHAT)
    found = selectors.message_for(user, message_id)
    selectors.messages_ready(user, found.conversation, [found])
    return found


@router.get("/messages/{uuid:message_id}/stream", summary="Join an answer that is being written")
async def message_stream(request: HttpRequest, message_id: UUID, after: int = 0, render: str = ""):
    """The events of the answer from the beginning (or after the event with the id `after`, also as
    `Last-Event-ID`), then live to its end. Several may read at once; reading never ends the answer. Each `start`
    begins anew: throw away what you had. An answer that is over is told from its row."""
    user = require_scope(request, CHAT)
    await sync_to_async(selectors.message_for)(user, message_id)
    last = request.headers.get("Last-Event-ID", "")
    place = after or (int(last) if last.isdecimal() and len(last) < 9 else 0)
    return event_stream(_frames(joined_events(user, message_id, after=place, render=render == "html")))


@router.post("/messages/{uuid:message_id}/show", response={204: None}, summary="Show the branch of a message")
def message_show(request: HttpRequest, message_id: UUID):
    """The conversation shows the branch that this message is on from now on; among compared answers, it is the
    chosen one."""
    found = selectors.message_for(require_scope(request, CHAT), message_id)
    services.message_prefer(found)
    branches.branch_show(found)
    return Status(204, None)


async def _answer(ask: Ask, *, stream: bool, render: bool, keep: bool) -> HttpResponse:
    if stream:
        return event_stream(_frames(placed_events(ask, render=render, keep=keep)))  # type: ignore[return-value]
    return JsonResponse(await _collected(ask))


async def _frames(events: AsyncGenerator[Placed, None]) -> AsyncIterator[bytes]:
    # aclosing: when the reader leaves, it is known here and now, not when memory is cleaned up
    async with aclosing(events):
        async for place, name, data in events:
            yield placed_frame(place, name, data)


async def _collected(ask: Ask) -> dict:
    """The same events as one object."""
    answer: dict = {"content": "", "reasoning": "", "sources": [], "error": None}
    async for name, data in answer_events(ask):
        if name in {"delta", "reasoning"}:
            answer["content" if name == "delta" else "reasoning"] += data["text"]
        elif name == "sources":
            answer |= {"sources": data["items"], "searched_for": data["searched_for"]}
        elif name == "error":
            answer["error"] = data
        elif name in {"start", "done"}:
            answer.update(data)
    return answer
