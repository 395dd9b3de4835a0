"""On whose behalf a tool works."""

from __future__ import annotations

from dataclasses import dataclass

from apps.accounts.models import User

SCOPE_KEY = "askive.caller"


@dataclass(frozen=True, slots=True)
class Caller:
    """The acting person, what the key may do, and the language to answer in."""

    user: User
    scopes: frozenset[str]
    language: str
