"""The answer so far as HTML, about ten times a second and never more than a tenth of a processor."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString

from apps.core.markdown import render_markdown
from apps.rag.citations import normalise, settled_length

if TYPE_CHECKING:
    from apps.chat.outcome import Draft

INTERVAL_SECONDS = 0.1
MOST_OF_A_PROCESSOR = 0.1


def citation_links(answer_id: UUID, numbers: list[int]) -> dict[int, str]:
    return {number: reverse("message-source", args=[answer_id, number]) for number in numbers}


class Renderer:
    """Renders one growing answer; slower the longer the answer is."""

    def __init__(self, answer_id: UUID) -> None:
        self._answer_id = answer_id
        self._next = 0.0

    def due(self) -> bool:
        return perf_counter() >= self._next

    def html(self, draft: Draft) -> SafeString:
        started = perf_counter()
        numbers = [source.number for source in draft.sources]
        text = draft.text
        settled = text[: settled_length(text)]  # a mark that is still arriving waits
        html = render_markdown(
            normalise(settled, numbers), citations=citation_links(self._answer_id, numbers)
        )
        cost = perf_counter() - started
        self._next = perf_counter() + max(INTERVAL_SECONDS, cost / MOST_OF_A_PROCESSOR)
        return html
