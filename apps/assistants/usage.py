"""What is used of the models, a row a day, person, model and kind."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils import timezone

from apps.accounts.limits import consumption_add
from apps.accounts.models import User
from apps.assistants.models import Usage


def usage_add(
    user: User,
    *,
    kind: str,
    model: str,
    prompt_tokens: int,
    completion_tokens: int = 0,
    questions: int = 0,
) -> None:
    """Count one request, and what it counts as towards the person's limits. Tokens of local models are estimates."""
    consumption_add(user, tokens=prompt_tokens + completion_tokens, questions=questions)
    row: dict[str, Any] = {"day": timezone.localdate(), "user": user, "kind": kind, "model": model[:200]}
    added = {
        "requests": F("requests") + 1,
        "prompt_tokens": F("prompt_tokens") + prompt_tokens,
        "completion_tokens": F("completion_tokens") + completion_tokens,
    }
    if not Usage.objects.filter(**row).update(**added):
        Usage.objects.get_or_create(**row)
        Usage.objects.filter(**row).update(**added)
