"""One question with all that is needed to answer it."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.accounts.models import User
from apps.assistants.providers import ChatModel, client_for
from apps.chat.models import Message
from apps.rag.languages import detect
from apps.rag.prompts import fitting_budget
from apps.rag.types import SearchScope, Source

Parameters = dict[str, Any]
Basis = Message.Basis


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, ready to be answered without the database. `answer_id_saved` is False for callers
    whose conversation is kept elsewhere (the OpenAI-compatible endpoint)."""

    user: User
    question: str
    history: list[dict[str, str]]
    scope: SearchScope
    model: ChatModel | None
    parameters: Parameters
    conversation_id: UUID
    answer_id: UUID
    answer_id_saved: bool = True
    instructions: str = ""  # of the caller, beside our rules
    summary: str = ""  # of what was said before the history
    basis: str = Basis.DOCUMENTS
    rewrites: bool = True  # the question may be put in other words before searching
    begun: str = ""  # the words of an answer that goes on, and the sources that it has
    sources: tuple[Source, ...] = ()
    started: float = field(default_factory=perf_counter)

    @property
    def model_name(self) -> str:
        return self.model.name if self.model else ""

    @property
    def llm(self):
        return client_for(self.model) if self.model else None

    @property
    def language(self) -> str:
        return "zh" if detect(self.question) == "zh" else "en"

    @property
    def cabinet_count(self) -> int:
        return len(self.scope.cabinet_ids or self.scope.or_cabinet_ids)

    @property
    def budget(self) -> int:
        """Tokens of the prompt: what the model's context leaves beside the answer."""
        return fitting_budget(settings.LLM_CONTEXT_TOKENS, answer=self.parameters.get("max_tokens"))
