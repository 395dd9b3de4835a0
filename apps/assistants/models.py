"""Model providers that an administrator has entered; the environment and discovery come first."""

from __future__ import annotations

from apps.assistants.assistant_models import Assistant

__all__ = ["Assistant"]
