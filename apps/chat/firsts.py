"""First questions on the empty page: the assistant's own, else those of the cabinets in turn."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from apps.accounts.models import User
from apps.assistants.models import Assistant
from apps.cabinets.models import Cabinet

MOST = 4


def questions(user: User, cabinets: Sequence[Cabinet], assistant: Assistant | None = None) -> list[str]:
    """In the reader's language where there is a choice, each once."""
    if assistant is not None and assistant.questions:
        return [str(question) for question in assistant.questions[:MOST]]
    language = (get_language() or "zh")[:2]
    found = _of_cabinets(cabinets, language)
    for path in settings.FIRST_QUESTIONS:
        if len(found) < MOST:
            found += import_string(path)(user, cabinets, language=language, limit=MOST)
    return list(dict.fromkeys(found))[:MOST]


def _of_cabinets(cabinets: Sequence[Cabinet], language: str) -> list[str]:
    lists = [[str(q) for q in cabinet.suggestions.get(language, [])] for cabinet in cabinets]
    longest = max((len(questions) for questions in lists), default=0)
    return [questions[i] for i in range(longest) for questions in lists if i < len(questions)]
