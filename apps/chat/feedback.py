"""What a reader thinks of an answer, and why."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from apps.chat.models import Message
from apps.chat.reporting import disliked
from apps.core.problems import Problem

REASONS = ("wrong", "incomplete", "outdated", "sources", "other")
LONGEST_COMMENT = 2000


def reason_words() -> list[tuple[str, str]]:
    """Why an answer was disliked: each key with its words."""
    words = {
        "wrong": _("Not right"),
        "incomplete": _("Something is missing"),
        "outdated": _("Out of date"),
        "sources": _("Wrong sources"),
        "other": _("Something else"),
    }
    return [(key, words[key]) for key in REASONS]


@transaction.atomic
def message_rate(message: Message, *, rating: str, reason: str = "", comment: str = "") -> None:
    """A disliked answer comes into the inbox of the managers behind it. `rating` is up, down or "", which takes everything back; a reason is kept with down alone.
    Raises Problem 409 for a question."""
    if message.role != Message.Role.ASSISTANT:
        raise Problem(409, _("Only an answer can be rated."), code="not_an_answer")
    message.rating, message.reason = rating, reason if rating == "down" else ""
    message.comment = comment.replace("\0", "").strip()[:LONGEST_COMMENT] if rating else ""
    message.save(update_fields=["rating", "reason", "comment"])
    disliked(message)
