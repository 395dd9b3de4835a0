"""What a turn shows of its place in the tree and of its making: versions, what may be done next, how fast it was."""

from __future__ import annotations

from uuid import UUID

from apps.chat.models import Message
from apps.chat.turns import can_continue


class Versioned:
    """For a dataclass with a `message`; its `siblings` come from the selectors."""

    __slots__ = ()
    message: Message

    @property
    def siblings(self) -> list[UUID]:
        return getattr(self.message, "siblings", None) or [self.message.pk]

    @property
    def count(self) -> int:
        return len(self.siblings)

    @property
    def position(self) -> int:
        return self.siblings.index(self.message.pk) + 1

    @property
    def previous(self) -> UUID | None:
        return self.siblings[self.position - 2] if self.position > 1 else None

    @property
    def following(self) -> UUID | None:
        return self.siblings[self.position] if self.position < self.count else None

    @property
    def can_continue(self) -> bool:
        return can_continue(self.message)

    @property
    def not_found(self) -> bool:
        return self.message.found is False and self.message.status == Message.Status.COMPLETE

    @property
    def first_token(self) -> int:
        """Milliseconds, told where models are compared."""
        return int(self.message.timings_ms.get("first_token") or 0) if self.message.compared else 0

    @property
    def speed(self) -> int:
        """Tokens a second of the writing, told where models are compared."""
        timings, tokens = self.message.timings_ms, int(self.message.usage.get("completion_tokens") or 0)
        spent = int(timings.get("total") or 0) - int(timings.get("first_token") or 0)
        return round(1000 * tokens / spent) if self.message.compared and spent > 0 else 0
