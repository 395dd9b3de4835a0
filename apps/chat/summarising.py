"""What was said long ago, in short: made once by the model in the background, when it no longer fits the prompt.

The summary belongs to the message that it reaches up to; on a branch without that message it is not used.
"""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

from asgiref.sync import sync_to_async

from apps.chat.ask import Ask
from apps.chat.models import Conversation, Message
from apps.chat.turns import history_keys
from apps.core.database import release_connection
from apps.rag.errors import ModelError
from apps.rag.phrases import SUMMARISE
from apps.rag.prompts import disarm, estimate_tokens, history_budget
from apps.rag.reasoning_switch import switched

logger = logging.getLogger(__name__)
SECONDS = 60
AT_ONCE = 4
LONGEST_SUMMARY = 4000  # characters
LEFT_SHARE = 0.5  # of the history's budget that stays word for word
PARAMETERS = {"temperature": 0, "max_tokens": 600, "reasoning": "off"}
_under_way: dict[UUID, asyncio.Task[None]] = {}


def summarise_later(ask: Ask) -> None:
    """After an answer: if its conversation outgrew the history's part of the prompt, shorten it. What finds no
    room among the few that run at once is tried again after the next answer."""
    if ask.llm is None or not ask.answer_id_saved or ask.conversation_id in _under_way:
        return
    if len(_under_way) >= AT_ONCE:
        return
    said = sum(estimate_tokens(turn["content"]) for turn in ask.history)
    if said + estimate_tokens(ask.question) <= history_budget(ask.budget):
        return
    _under_way[ask.conversation_id] = asyncio.create_task(_summarise(ask))
    _under_way[ask.conversation_id].add_done_callback(lambda _task: _under_way.pop(ask.conversation_id, None))


async def _summarise(ask: Ask) -> None:
    try:
        found = await sync_to_async(_older, thread_sensitive=False)(ask)
        if found is None:
            return
        upto, text = found
        async with asyncio.timeout(SECONDS):
            answer = await ask.llm.complete(
                [{"role": "system", "content": SUMMARISE[ask.language]}, {"role": "user", "content": text}],
                model=ask.model_name,
                parameters=switched(PARAMETERS, model=ask.model_name),
            )
        await sync_to_async(_keep, thread_sensitive=False)(ask, upto, answer.text.strip()[:LONGEST_SUMMARY])
    except (ModelError, TimeoutError) as error:
        logger.info(
            "conversation %s is not summarised: %s", ask.conversation_id, error or "no answer in time"
        )
    except Exception:  # a background task: nobody else would hear of it
        logger.exception("conversation %s is not summarised", ask.conversation_id)


def _older(ask: Ask) -> tuple[Message, str] | None:
    """The last message that is to be summarised, and all up to it; the newest stay word for word."""
    try:
        keys = history_keys(Message.objects.select_related("conversation").get(pk=ask.answer_id))
        rows = Message.objects.filter(pk__in=keys).in_bulk()
    finally:
        release_connection()
    left = int(history_budget(ask.budget) * LEFT_SHARE)
    older = [rows[key] for key in keys if key in rows and rows[key].content]
    while older and left >= 0:
        left -= estimate_tokens(older[-1].content)
        if left >= 0 or older[-1].role == Message.Role.USER:
            older.pop()
    if not older:
        return None
    said = "\n\n".join(f"{message.role}: {disarm(message.content)}" for message in older)
    limit = 3 * ask.budget  # characters, about the model's context at the most
    before = f"{ask.summary}\n\n" if ask.summary else ""
    return older[-1], f"<conversation>\n{before}{said[-limit:]}\n</conversation>"


def _keep(ask: Ask, upto: Message, summary: str) -> None:
    try:
        if summary:
            Conversation.objects.filter(pk=ask.conversation_id).update(summary=summary, summary_upto=upto.pk)
    finally:
        release_connection()
