"""What is searched for: the question, or what it means in its conversation, in its parts, in two languages.

One short call of the model with a hard limit, made only where the question needs it; without an answer in time
the rules decide (see apps/rag/followups.py).
"""

from __future__ import annotations

import asyncio
import logging

from apps.chat.ask import Ask
from apps.rag.errors import ModelError
from apps.rag.followups import (
    Understood,
    has_parts,
    needs_conversation,
    read_understood,
    understanding_prompt,
    with_previous,
)
from apps.rag.reasoning_switch import switched

logger = logging.getLogger(__name__)
SECONDS = 2.5
PARAMETERS = {"temperature": 0, "max_tokens": 300, "reasoning": "off"}


def asks_model(ask: Ask) -> bool:
    """Whether the model is to be asked before the search."""
    if ask.llm is None or not ask.rewrites:
        return False
    return has_parts(ask.question) or _depends(ask)


async def understood(ask: Ask) -> Understood:
    """By the model, else by rules. Takes at most SECONDS."""
    found = await _by_model(ask)
    return found if found.queries else Understood(by_rules(ask), found.translation)


def by_rules(ask: Ask) -> tuple[str, ...]:
    """A follow-up that says too little is searched together with the question before it."""
    if not ask.rewrites or not _depends(ask):
        return ()
    joined = with_previous(ask.question, ask.history)
    return (joined,) if joined != ask.question else ()


async def translated(ask: Ask) -> str:
    """The question in the other language, or nothing."""
    return (await _by_model(ask)).translation


def _depends(ask: Ask) -> bool:
    return bool(ask.history) and needs_conversation(ask.question)


async def _by_model(ask: Ask) -> Understood:
    try:
        async with asyncio.timeout(SECONDS):
            answer = await ask.llm.complete(
                understanding_prompt(ask.question, ask.history),
                model=ask.model_name,
                parameters=switched(PARAMETERS, model=ask.model_name),
            )
    except (ModelError, TimeoutError) as error:
        logger.info("answer %s: searched as asked: %s", ask.answer_id, error or "no answer in time")
        return Understood()
    return read_understood(answer.text, question=ask.question)
