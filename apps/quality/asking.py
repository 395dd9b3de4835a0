"""How a run asks: the search of the product, and an answer in quotes or by the chat model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from apps.accounts.models import User
from apps.assistants.providers import ChatModel, chat_model, client_for
from apps.cabinets import tuning
from apps.cabinets.searching import search
from apps.quality.models import GoldenRun
from apps.rag import generation
from apps.rag.citations import cited_numbers
from apps.rag.languages import detect
from apps.rag.llm_clients import close_clients
from apps.rag.retrieval import RetrievalOptions
from apps.rag.types import Delta, Failed, Retrieved, ScoredChunk, Source


@dataclass(frozen=True, slots=True)
class Answered:
    """`cited` are documents. `fault` is a code of the model, where it failed."""

    passages: Sequence[ScoredChunk]
    text: str
    cited: frozenset[UUID]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Asks within one cabinet, with the rights of one person."""

    user: User
    cabinet_id: UUID
    options: RetrievalOptions
    model: ChatModel | None = None

    def answer(self, question: str) -> Answered:
        """Raises StoreError."""
        result = search(self.user, question, cabinet_ids=[self.cabinet_id], options=self.options)
        sources = tuple(Source(number, found) for number, found in enumerate(result.passages, start=1))
        text, shown, fault = asyncio.run(self._written(question, sources))
        by_number = {source.number: source.passage.chunk.document_id for source in shown}
        cited = frozenset(by_number[number] for number in cited_numbers(text, list(by_number)))
        return Answered(result.passages, text, cited, fault)

    async def _written(self, question: str, sources: tuple[Source, ...]) -> tuple[str, Sequence[Source], str]:
        """The answer, the sources that it could cite, and the code of a failure."""
        parts: list[str] = []
        shown: Sequence[Source] = sources
        fault = ""
        events = generation.answer(
            question,
            sources,
            llm=client_for(self.model) if self.model else None,
            model=self.model.name if self.model else "",
            parameters={"temperature": 0},
            language="zh" if detect(question) == "zh" else "en",
        )
        try:
            async with aclosing(events):  # type: ignore[type-var]
                async for event in events:
                    if isinstance(event, Retrieved):
                        shown = event.sources
                    elif isinstance(event, Delta):
                        parts.append(event.text)
                    elif isinstance(event, Failed):
                        fault = event.code
        finally:
            await close_clients()
        return "".join(parts), shown, fault


def answerer_for(run: GoldenRun, *, by: User) -> Answerer:
    """With the run's own settings. Raises Problem where its model is gone."""
    model = chat_model(run.environment.get("model", "")) if run.answers == GoldenRun.Answers.MODEL else None
    return Answerer(by, run.cabinet_id, tuning.make_options(run.options), model)
