"""Brakes on guessing passwords: attempts counted by name and by address in windows of 15 minutes.

An attempt is counted before the password is looked at, so that many at once cannot slip through; a
successful one is taken off again. Counters live in the cache: with Redis all processes share them.
"""

from __future__ import annotations

import hashlib
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

WINDOW_SECONDS = 15 * 60


def address_of(request: HttpRequest) -> str:
    """Who calls. Behind a trusted proxy it is the last entry that the proxy itself wrote."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return request.META.get("REMOTE_ADDR", "")


def attempt(*, name: str, address: str) -> int:
    """Count one attempt. 0 when it may go on, else the seconds to wait."""
    counts = [_count(key) for key in _keys(name, address)]
    if max(counts) <= settings.LOGIN_ATTEMPTS:
        return 0
    return WINDOW_SECONDS - int(time.time()) % WINDOW_SECONDS


def succeeded(*, name: str, address: str) -> None:
    """Forget the name's failures; the address keeps its own, less this attempt."""
    by_name, by_address = _keys(name, address)
    cache.delete(by_name)
    try:
        cache.decr(by_address)
    except ValueError:
        return  # the window ended in between: nothing is counted any more


def _keys(name: str, address: str) -> tuple[str, str]:
    window = int(time.time()) // WINDOW_SECONDS
    return f"login:name:{_digest(name)}:{window}", f"login:address:{_digest(address)}:{window}"


def _digest(value: str) -> str:
    """Names are compared as the sign-in does, and may hold what a cache key cannot."""
    return hashlib.sha256(value.strip().casefold().encode()).hexdigest()[:32]


def _count(key: str) -> int:
    cache.add(key, 0, WINDOW_SECONDS + 60)
    try:
        return cache.incr(key)
    except ValueError:  # evicted between the two calls
        cache.set(key, 1, WINDOW_SECONDS + 60)
        return 1
