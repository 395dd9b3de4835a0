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
SILENT_SECONDS = 15.0


def citation_links(answer_id: UUID, numbers: list[int]) -> dict[int, str]:
    return {number: reverse("message-source", args=[answer_id, number]) for number in numbers}


class Renderer:
    """Renders one growing answer for one reader; slower the longer the answer is. Readers of the same
    answer share what is rendered."""

    def __init__(self, answer_id: UUID) -> None:
        self._answer_id = answer_id
        self._next = 0.0
        self._shown = -1  # the length that was rendered last

    def due(self, draft: Draft) -> bool:
        return draft.length != self._shown and perf_counter() >= self._next

    def wait(self, draft: Draft) -> float:
        """Seconds until it is due; a quarter of a minute where all is shown."""
        return SILENT_SECONDS if draft.length == self._shown else max(0.001, self._next - perf_counter())

    def html(self, draft: Draft) -> SafeString | str:
        started = perf_counter()
        self._shown = draft.length
        if draft.rendered[0] != draft.length:
            draft.rendered = (draft.length, self._render(draft))
        cost = perf_counter() - started
        self._next = perf_counter() + max(INTERVAL_SECONDS, cost / MOST_OF_A_PROCESSOR)
        return draft.rendered[1]

    def _render(self, draft: Draft) -> SafeString:
        numbers = [source.number for source in draft.sources]
        text = draft.text
        settled = text[: settled_length(text)]  # a mark that is still arriving waits
        return render_markdown(
            normalise(settled, numbers), citations=citation_links(self._answer_id, numbers)
        )
