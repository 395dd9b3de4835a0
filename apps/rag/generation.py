"""From a question and its sources to the events of an answer, with a chat model or without one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import cast

from apps.rag.extractive import extract_answer
from apps.rag.interfaces import LLM, Message
from apps.rag.prompts import DEFAULT_BUDGET, build_prompt
from apps.rag.types import AnswerEvent, Delta, Failed, Finished, Retrieved, Source

EXTRACTIVE = "extractive"  # the finish_reason of an answer that no model wrote


async def answer(
    question: str,
    sources: Sequence[Source],
    history: Sequence[Message] = (),
    *,
    llm: LLM | None,
    model: str = "",
    parameters: dict[str, float | int] | None = None,
    language: str,
    instructions: str = "",
    budget: int = DEFAULT_BUDGET,
) -> AsyncIterator[AnswerEvent]:
    """Retrieved first, with the sources that the answer may cite (those that fitted the prompt), then
    Reasoning and Delta, then exactly one Finished or Failed.

    Without an `llm` the best sentences are quoted, in the same events, with finish_reason "extractive".
    `language` (zh, en) chooses the rules' language, `instructions` are added to them, `budget` bounds the
    prompt in estimated tokens. Closing the iteration closes the model's connection at once.
    Raises ValueError for an empty question."""
    prompt = build_prompt(
        question, sources, history, language=language, instructions=instructions, budget=budget
    )
    if llm is None:
        yield Retrieved(tuple(sources))
        for event in extractive_events(question, sources):
            yield event
        return
    yield Retrieved(prompt.sources)
    events = cast(
        "AsyncGenerator[AnswerEvent, None]",
        llm.stream(prompt.messages, model=model, parameters=parameters or {}),
    )
    async with aclosing(events):
        async for event in events:
            yield event
            if isinstance(event, Finished | Failed):
                return
    yield Failed("model_interrupted", "the model's events ended without an end")


def extractive_events(question: str, sources: Sequence[Source]) -> list[AnswerEvent]:
    """The extractive answer, a Delta for each line, and its Finished."""
    text = extract_answer(question, sources).text
    return [*(Delta(line) for line in text.splitlines(keepends=True)), Finished(EXTRACTIVE)]
