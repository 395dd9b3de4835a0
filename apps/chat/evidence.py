"""The model that compares sentences with their passages: the reranker where it reads, else the embedder.

Its bounds are measured once and kept in a file, for the next start too. Nobody waits for that: until it is done,
sentences are checked by their words. So they are while many answers are written: the model that compares is the one
that searches, and the first word of the next answer comes before the check of the last.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from dataclasses import astuple
from pathlib import Path

from django.conf import settings
from django.core.cache import cache

from apps.chat import running
from apps.rag import components
from apps.rag.errors import RagError
from apps.rag.meaning import (
    Bounds,
    Comparer,
    EmbedderComparer,
    Meaning,
    RerankerComparer,
    measured,
    measured_on,
)

logger = logging.getLogger(__name__)
SECONDS = 2.0  # of one answer's checking, after its last word
MOST_ANSWERS = 16  # at once
KEPT_SECONDS = 86400
AGAIN_SECONDS = 600  # after a failure
_measuring: set[str] = set()
_guard = threading.Lock()


def meaning() -> Meaning | None:
    """For one answer; None where no model is there that tells what passages say, or none yet, or so many answers
    are being written that the model is needed for their searches."""
    if not settings.CHECK_MEANING or running.count() > MOST_ANSWERS:
        return None
    try:
        found = comparer()
        known = cache.get(_key(found))
        if known is None and (known := _kept(found)) is not None:
            cache.set(_key(found), known, KEPT_SECONDS)
    except Exception:  # a model that cannot be built, a cache that is away: words are left
        logger.warning("sentences are checked by their words alone", exc_info=True)
        return None
    if known is None:
        _measure_later(found)
        return None
    bounds = {language: Bounds(*values) for language, values in known.items()}
    return Meaning(found, bounds, seconds=SECONDS) if bounds else None


def comparer() -> Comparer:
    reranker = components.reranker()
    if getattr(reranker, "reads_meaning", False):
        return RerankerComparer(reranker)
    return EmbedderComparer(components.query_embedder())


def measure(found: Comparer) -> None:
    """Measure its bounds and keep them; a model that fails is tried again some minutes later."""
    try:
        bounds = {language: astuple(one) for language, one in measured(found).items()}
        _keep(found, bounds)
        cache.set(_key(found), bounds, KEPT_SECONDS)
        logger.info("%s tells what passages say in: %s", found.name, ", ".join(bounds) or "no language")
    except RagError as error:
        logger.warning("%s could not be measured: %s", found.name, error)
        cache.set(_key(found), {}, AGAIN_SECONDS)


def _kept(found: Comparer) -> dict[str, list[float]] | None:
    """What was measured before this process began."""
    try:
        kept = json.loads(_file().read_text())
    except FileNotFoundError:
        return None
    except ValueError:
        logger.warning("%s cannot be read; models are measured again", _file())
        return None
    return kept.get(_name(found))


def _keep(found: Comparer, bounds: dict[str, tuple[float, ...]]) -> None:
    """All in one file, replaced as a whole; of two processes that measured at once, both found the same."""
    with _guard:
        try:
            kept = json.loads(_file().read_text())
        except (FileNotFoundError, ValueError):
            kept = {}
        partial = _file().with_suffix(f".{os.getpid()}.part")
        partial.write_text(json.dumps({**kept, _name(found): bounds}))
        os.replace(partial, _file())


def _file() -> Path:
    return settings.DATA_DIR / "meaning.json"


def _name(found: Comparer) -> str:
    return f"{found.name} on {measured_on()}"


def _measure_later(found: Comparer) -> None:
    with _guard:
        if found.name in _measuring:
            return
        _measuring.add(found.name)
    threading.Thread(target=_measure_once, args=(found,), name="measure-meaning", daemon=True).start()


def _measure_once(found: Comparer) -> None:
    try:
        measure(found)
    finally:
        _measuring.discard(found.name)


def _key(found: Comparer) -> str:
    return f"meaning-bounds:{found.name}"[:200].replace(" ", "_")
