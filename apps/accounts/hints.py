"""Hints to the workers of people (apps.core.hints)."""

from __future__ import annotations

from apps.core.hints import send_hint


def directory_hint() -> None:
    """A synchronisation with the directory waits."""
    send_hint("apps.accounts.tasks.synchronise")
