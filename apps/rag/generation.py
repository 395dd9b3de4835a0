"""From a question and its sources to the events of an answer, with a chat model or without one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from apps.rag.extractive import extract_answer
from apps.rag.interfaces import LLM, Message
from apps.rag.prompts import DEFAULT_BUDGET, Prompt, build_general_prompt, build_prompt
from apps.rag.stopping import StopCutter
from apps.rag.types import AnswerEvent, Delta, Failed, Finished, Retrieved, Source

EXTRACTIVE = "extractive"  # the finish_reason of an answer that no model wrote


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be answered. `language` (zh, en) chooses the rules' language, `instructions` are added to them;
    `summary` tells what was said before `history`; `general` asks for the model's own knowledge instead of
    sources; `doubtful`: the sources probably do not answer; `begun` is an answer that goes on; `budget`
    bounds the prompt in estimated tokens."""

    question: str
    language: str
    sources: Sequence[Source] = ()
    history: Sequence[Message] = ()
    instructions: str = ""
    summary: str = ""
    general: bool = False
    doubtful: bool = False
    begun: str = ""
    budget: int = DEFAULT_BUDGET

    def prompt(self) -> Prompt:
        if self.general:
            return build_general_prompt(
                self.question,
                self.history,
                language=self.language,
                summary=self.summary,
                begun=self.begun,
                budget=self.budget,
            )
        return build_prompt(
            self.question,
            self.sources,
            self.history,
            language=self.language,
            instructions=self.instructions,
            summary=self.summary,
            doubtful=self.doubtful,
            begun=self.begun,
            budget=self.budget,
        )


def answer(
    question: str,
    sources: Sequence[Source],
    history: Sequence[Message] = (),
    *,
    llm: LLM | None,
    model: str = "",
    parameters: Mapping[str, Any] | None = None,
    language: str,
    instructions: str = "",
    budget: int = DEFAULT_BUDGET,
) -> AsyncIterator[AnswerEvent]:
    """`write` for a question from its sources alone."""
    task = Task(question, language, sources, history, instructions=instructions, budget=budget)
    return write(task, llm=llm, model=model, parameters=parameters)


async def write(
    task: Task, *, llm: LLM | None, model: str = "", parameters: Mapping[str, Any] | None = None
) -> AsyncIterator[AnswerEvent]:
    """Retrieved first, with the sources that the answer may cite (those that fitted the prompt), then
    Reasoning and Delta, then exactly one Finished or Failed.

    Without an `llm` the best sentences are quoted, in the same events, with finish_reason "extractive".
    `parameters["stop"]` (strings) ends the words before the first of them, whether or not the endpoint minds it.
    Closing the iteration closes the model's connection at once. Raises ValueError for an empty question."""
    if not task.question.strip():
        raise ValueError("the question is empty")
    given = parameters or {}
    if llm is None:
        yield Retrieved(tuple(task.sources))
        for event in extractive_events(task.question, task.sources, stops=given.get("stop", ())):
            yield event
        return
    prompt = task.prompt()
    yield Retrieved(prompt.sources)
    cutter = StopCutter(given.get("stop", ()), prompt_tokens=prompt.tokens) if "stop" in given else None
    events = cast(
        "AsyncGenerator[AnswerEvent, None]",
        llm.stream(prompt.messages, model=model, parameters=given),
    )
    async with aclosing(events):
        async for event in events:
            for told in cutter.take(event) if cutter else (event,):
                yield told
                if isinstance(told, Finished | Failed):
                    return
    yield Failed("model_interrupted", "the model's events ended without an end")


def extractive_events(
    question: str, sources: Sequence[Source], *, stops: Sequence[str] = ()
) -> list[AnswerEvent]:
    """The extractive answer up to the first of `stops`, a Delta for each line, and its Finished."""
    text = extract_answer(question, sources).text
    for stop in stops:
        text = text.partition(stop)[0]
    return [*(Delta(line) for line in text.splitlines(keepends=True)), Finished(EXTRACTIVE)]
