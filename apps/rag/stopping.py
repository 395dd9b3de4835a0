"""Ends an answer at the first of the caller's stop strings, as the words stream through.

Most endpoints do this themselves; some leave `stop` out or refuse it. So it is done here in any case: an endpoint
that stops by itself never sends the string, and then nothing is left to cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from apps.rag.prompts import estimate_tokens
from apps.rag.types import AnswerEvent, Delta, Failed, Finished, Reasoning, Usage


class StopCutter:
    """Events of one answer, with its words up to the first stop string and then their end.

    `prompt_tokens` is what the prompt is estimated at: after a cut the endpoint is hung up on before it tells its
    usage. What may be the beginning of a stop string is held back until the next words tell."""

    def __init__(self, stops: Sequence[str], *, prompt_tokens: int = 0) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._prompt_tokens = prompt_tokens
        self._held = ""
        self._written = 0  # estimated tokens, thinking included

    def take(self, event: AnswerEvent) -> list[AnswerEvent]:
        """What the reader is told of this event."""
        if isinstance(event, Delta):
            return self._words(event.text)
        if isinstance(event, Reasoning):
            self._written += estimate_tokens(event.text)
            return [event]
        rest: list[AnswerEvent] = [Delta(self._held)] if self._held else []
        if isinstance(event, Failed) and event.code == "model_empty":
            # The endpoint met a stop string before the first word: that is an end, and no fault.
            return [Finished("stop", Usage(self._prompt_tokens, self._written))]
        return [*rest, event]

    def _words(self, text: str) -> list[AnswerEvent]:
        self._written += estimate_tokens(text)
        whole = self._held + text
        at = min((place for stop in self._stops if (place := whole.find(stop)) >= 0), default=-1)
        if at < 0:
            kept = self._beginning(whole)
            said, self._held = whole[: len(whole) - kept], whole[len(whole) - kept :]
            return [Delta(said)] if said else []
        self._held = ""
        end = Finished("stop", Usage(self._prompt_tokens, self._written))
        return [Delta(whole[:at]), end] if at else [end]

    def _beginning(self, text: str) -> int:
        """How many characters at the end of `text` may be the beginning of a stop string."""
        longest = max((len(stop) - 1 for stop in self._stops), default=0)
        for length in range(min(longest, len(text)), 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stops):
                return length
        return 0
