"""Answers that are being written in this process, and who reads along.

A task owns each answer; readers come and go, and each reads the answer's log from its own place, so a slow
reader holds up nobody and loses nothing. When the last reader has left, an answer that nobody asked to keep
is stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.chat.ask import Ask
from apps.chat.messages import sentence
from apps.chat.outcome import Draft
from apps.chat.rendering import Renderer
from apps.chat.running import Running
from apps.core.problems import Problem

Event = tuple[str, dict[str, Any]]
Placed = tuple[int, str, dict[str, Any]]  # the place in the log after the event
MOST_ANSWERS = 500  # at once in a process
MOST_KEPT = 12  # at once of one person, without a connection of their own
BEAT_SECONDS = 15.0  # a stream that is silent for a minute is cut by many a proxy
ENDS = {"done", "error"}
_live: dict[UUID, Live] = {}


class Live:
    """One answer with its log."""

    def __init__(self, ask: Ask, *, keep: bool = False) -> None:
        self.draft = Draft(ask=ask, started=ask.started)
        self.run = Running()
        self.run.owner = ask.user.pk
        self.keep = keep
        self.over = False
        self._log: list[Event] = []
        self._readers = 0
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, produce: Callable[[Live], Awaitable[None]]) -> None:
        _live[self.draft.ask.answer_id] = self
        self._task = asyncio.ensure_future(produce(self))  # type: ignore[assignment]

    def tell(self, name: str, data: dict[str, Any]) -> None:
        self._log.append((name, data))
        if name in ENDS:
            self.over = True
            _live.pop(self.draft.ask.answer_id, None)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def events(self, *, after: int = 0, render: bool = False) -> AsyncGenerator[Placed, None]:
        """Everything from a place in the log on, then live until the end. `beat` events have nothing to say."""
        renderer = Renderer(self.draft.ask.answer_id) if render else None
        place = after if 0 <= after <= len(self._log) else 0
        self._readers += 1
        try:
            while True:
                changed = self._changed
                for at, name, data in self._since(place):
                    if name in ENDS and renderer and self.draft.text:
                        yield place, "render", {"html": renderer.html(self.draft)}
                    place = at
                    yield place, name, _told(name, data)
                if self.over and place >= len(self._log):
                    return
                if renderer and self.draft.text and renderer.due(self.draft):
                    yield place, "render", {"html": renderer.html(self.draft)}
                if not await _happens(changed, renderer.wait(self.draft) if renderer else BEAT_SECONDS):
                    yield place, "beat", {}
        finally:
            self._leave()

    def _since(self, place: int) -> list[Placed]:
        """The log from a place on, neighbours of the same kind as one."""
        found: list[Placed] = []
        for at, (name, data) in enumerate(self._log[place:], start=place + 1):
            if found and name in {"delta", "reasoning"} and found[-1][1] == name:
                found[-1] = (at, name, {"text": found[-1][2]["text"] + data["text"]})
            else:
                found.append((at, name, data))
        return found

    def _leave(self) -> None:
        self._readers -= 1
        if not self._readers and not self.keep and not self.over:
            self.run.stop("left")


def _told(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """A sentence is in the language of who reads it, not of who asked."""
    return {**data, "message": sentence(data["code"])} if name == "error" else data


async def _happens(changed: asyncio.Event, seconds: float) -> bool:
    if changed.is_set():
        return True
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return seconds < BEAT_SECONDS
    return True


def live_answer(answer_id: UUID) -> Live | None:
    """The answer, if it is being written in this process."""
    return _live.get(answer_id)


def check_room(user: User, *, keep: bool, wanted: int = 1) -> None:
    """Raises Problem 503 where too many answers are being written, 429 where one person has too many."""
    if len(_live) + wanted > MOST_ANSWERS:
        raise Problem(
            503, _("Too many answers are being written. Try again in a moment."), code="busy", retry_after=5
        )
    own = sum(1 for live in _live.values() if live.keep and live.draft.ask.user.pk == user.pk)
    if keep and own + wanted > MOST_KEPT:
        message = _("%(count)d of your answers are still being written. Wait for one, or stop one.")
        raise Problem(429, message % {"count": own}, code="too_many_answers", retry_after=5)
