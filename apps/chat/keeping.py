"""Saving an answer while it is being written: its words so far survive this process, and other processes can
show them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asgiref.sync import sync_to_async
from django.db import DatabaseError

from apps.chat import running
from apps.chat.outcome import Draft
from apps.chat.services import answer_keep
from apps.core.database import release_connection

logger = logging.getLogger(__name__)
LEAST_SECONDS = 4.0
SECONDS_PER_ANSWER = 0.2  # so that all answers together write five times a second at most


@asynccontextmanager
async def kept_meanwhile(draft: Draft) -> AsyncIterator[None]:
    keeper = asyncio.create_task(_keep(draft)) if draft.ask.answer_id_saved else None
    try:
        yield
    finally:
        if keeper is not None:
            keeper.cancel()


async def _keep(draft: Draft) -> None:
    kept = 0
    while not draft.saved:
        await asyncio.sleep(max(LEAST_SECONDS, SECONDS_PER_ANSWER * running.count()))
        length = draft.length + len(draft.reasoning)
        if length == kept:
            continue
        kept = length
        try:
            await sync_to_async(_write, thread_sensitive=False)(draft, draft.text, "".join(draft.reasoning))
        except DatabaseError:  # the end of the answer tries again, and says so
            logger.warning("answer %s could not be kept meanwhile", draft.ask.answer_id, exc_info=True)


def _write(draft: Draft, content: str, reasoning: str) -> None:
    try:
        answer_keep(draft.ask.answer_id, content=content, reasoning=reasoning)
    finally:
        release_connection()
