"""What a session keeps while its person is away at a provider. A state is good for one return, in the browser
that began, for ten minutes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.accounts.entering import proceed, safe_target, to_sign_in
from apps.accounts.identities import Refused
from apps.accounts.models import User

logger = logging.getLogger(__name__)
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


def arrive(
    request: HttpRequest,
    name: str,
    user_of: Callable[[HttpRequest, dict[str, Any] | None], User],
    *,
    faults: type[Exception],
) -> HttpResponse:
    """Sign in whom `user_of` finds by what belongs to the state; `faults` and Refused lead back to the sign-in page."""
    told = take(request, name)
    try:
        user = user_of(request, told)
    except (faults, Refused) as error:
        logger.warning("a sign-in over %s was refused: %s", name, error)
        return to_sign_in(request, said="provider")
    user.backend = settings.AUTHENTICATION_BACKENDS[0]  # type: ignore[attr-defined]
    return proceed(request, user, safe_target(request, told["next"] if told else ""), by_provider=True)
