"""Health of what ingestion and search need. Each answers a word of detail or raises."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.rag import components

HEARTBEAT_KEY = "worker-heartbeat"
HEARTBEAT_SECONDS = 60


def store() -> str:
    return _("%(count)d points") % {"count": components.store().count()}


def embedder() -> str:
    part = components.query_embedder()
    facts = {"name": part.name, "size": part.dimension, "languages": ", ".join(sorted(part.languages))}
    return _("%(name)s, %(size)d dimensions, %(languages)s") % facts


def worker() -> str:
    """A worker that consumes writes its heartbeat at every sweep."""
    seen = cache.get(HEARTBEAT_KEY)
    if seen is None or timezone.now() - seen > timedelta(seconds=3 * HEARTBEAT_SECONDS):
        raise RuntimeError("no worker has been seen for three minutes")
    return _("%(count)d at a time") % {"count": settings.INGEST_WORKERS}


def beat() -> None:
    cache.set(HEARTBEAT_KEY, timezone.now(), 6 * HEARTBEAT_SECONDS)
