"""Reading an answer that somebody else's request began: live where this process writes it, else from its row.

The row is looked at about once a second while another process writes; an answer that is over is told at once.
A `start` event always begins anew: a reader throws away what it had.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings

from apps.accounts.models import User
from apps.cabinets.access import visible_documents
from apps.chat import selectors
from apps.chat.live import Event, Placed, live_answer
from apps.chat.messages import sentence
from apps.chat.models import Message, MessageSource
from apps.chat.rendering import citation_links
from apps.core.database import release_connection
from apps.core.markdown import render_markdown

LOOK_SECONDS = 1.0
SLACK_SECONDS = 120


async def joined_events(
    user: User, message_id: UUID, *, after: int = 0, render: bool = False
) -> AsyncGenerator[Placed, None]:
    """The events of an answer of this person, from a place in its log on (0: all). Sources that the person may
    no longer read are left out."""
    live = live_answer(message_id)
    if live is None:
        async with aclosing(_of_row(user, message_id, render=render)) as told:
            async for name, data in told:
                yield 0, name, data
        return
    async with aclosing(live.events(after=after, render=render)) as events:
        async for place, name, data in events:
            if name == "sources":
                data = {**data, "items": await sync_to_async(_readable)(user, data["items"])}
            yield place, name, data


def _readable(user: User, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    visible = _visible_keys(user, {UUID(item["document_id"]) for item in items})
    return [item for item in items if item["document_id"] in visible]


def _visible_keys(user: User, keys: set[UUID]) -> set[str]:
    try:
        return {str(key) for key in visible_documents(user).filter(pk__in=keys).values_list("pk", flat=True)}
    finally:
        release_connection()


async def _of_row(user: User, message_id: UUID, *, render: bool) -> AsyncGenerator[Event, None]:
    deadline = asyncio.get_running_loop().time() + settings.LLM_TIMEOUTS["total_s"] + SLACK_SECONDS
    told = ""
    begun = False
    while True:
        row = await sync_to_async(_row)(user, message_id)
        if not begun or not row.content.startswith(told):
            begun, told = True, ""
            yield "start", _start(row)
        if row.status != Message.Status.STREAMING:
            yield "sources", {"items": await sync_to_async(_items)(user, row), "searched_for": row.searched}
            if row.reasoning:
                yield "reasoning", {"text": row.reasoning}
        if len(row.content) > len(told):
            yield "delta", {"text": row.content[len(told) :]}
            told = row.content
            if render:
                yield "render", {"html": _html(row)}
        if row.status != Message.Status.STREAMING:
            yield _end(row)
            return
        if asyncio.get_running_loop().time() > deadline:
            yield "error", {"code": "model_interrupted", "message": sentence("model_interrupted")}
            return
        yield "beat", {}
        await asyncio.sleep(LOOK_SECONDS)


def _row(user: User, message_id: UUID) -> Message:
    try:
        return selectors.message_for(user, message_id)
    finally:
        release_connection()


def _start(row: Message) -> dict[str, Any]:
    ids = {"message_id": str(row.pk), "conversation_id": str(row.conversation_id)}
    return {**ids, "model": row.model, "basis": row.basis}


def _html(row: Message) -> str:
    numbers = [source.number for source in row.sources.all()]
    return render_markdown(row.content, citations=citation_links(row.pk, numbers))


def _items(user: User, row: Message) -> list[dict[str, Any]]:
    sources = list(row.sources.all())
    visible = _visible_keys(user, {source.document_id for source in sources if source.document_id})
    return [_item(source) for source in sources if str(source.document_id) in visible]


def _item(source: MessageSource) -> dict[str, Any]:
    return {
        "number": source.number,
        "chunk_id": str(source.chunk_id),
        "document_id": str(source.document_id),
        "title": source.title,
        "text": source.text,
        "location": {
            "page": source.page_start,
            "page_end": source.page_end,
            "headings": source.headings,
            "boxes": source.boxes,
            "sheet": source.sheet or None,
            "cells": source.cells or None,
        },
        "url": f"/documents/{source.document_id}/?chunk={source.chunk_id}",
    }


def _end(row: Message) -> Event:
    if row.error_code and row.error_code != "stopped":
        code = row.error_code
        return "error", {"code": code, "message": sentence(code), "status": row.status}
    return "done", {
        "finish_reason": row.finish_reason or row.error_code,
        "status": row.status,
        "usage": row.usage,
        "timings_ms": row.timings_ms,
        "citations": sorted(source.number for source in row.sources.all() if source.cited),
        "checks": row.checks,
        "found": row.found,
    }
