"""Assistants, model providers that an administrator has entered, and what is used of the models."""

from __future__ import annotations

from apps.assistants.assistant_models import Assistant
from apps.assistants.provider_models import Provider, Usage

__all__ = ["Assistant", "Provider", "Usage"]
