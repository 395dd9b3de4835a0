"""What a session keeps while its person is away at a provider. A state is good for one return, in the browser
that began, for ten minutes."""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest

MOST_STARTED = 5  # tabs in which somebody began
WAIT_SECONDS = 600


def keep(request: HttpRequest, name: str, state: str, told: dict[str, Any]) -> None:
    """`name` is the kind of provider, `told` what belongs to this state."""
    kept = dict(list(request.session.get(name, {}).items())[1 - MOST_STARTED :])
    kept[state] = {**told, "at": int(time.time())}
    request.session[name] = kept


def take(request: HttpRequest, name: str) -> dict[str, Any] | None:
    """What belongs to the state that came back; None where nobody began here, or it took too long."""
    kept = request.session.get(name, {})
    told = kept.pop(request.GET.get("state", ""), None)
    request.session[name] = kept
    return told if told is not None and time.time() - told["at"] <= WAIT_SECONDS else None
