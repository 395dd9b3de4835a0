"""How long a file will take, from what files of its kind and size took lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import log2
from statistics import median

from django.core.cache import cache

from apps.cabinets.models import Document

Timing = tuple[str, int, int]  # media type, bytes, milliseconds
RECENT = 300
KEPT_SECONDS = 20
NEAREST = 9
ENOUGH = 3  # of a kind; below that all kinds count
FIRST_SECONDS, FIRST_SECONDS_A_MEGABYTE = 2.0, 10.0  # before anything was measured
MOST_SCALE = 8.0


def recent_timings() -> list[Timing]:
    """What the last documents took, newest first; remembered for some seconds."""
    found = cache.get("queue-timings")
    if found is None:
        rows = Document.objects.filter(status=Document.Status.READY, started_at__isnull=False)
        values = rows.order_by("-started_at").values_list("media_type", "size", "timings_ms")[:RECENT]
        found = [(kind, size, int(ms["total"])) for kind, size, ms in values if ms.get("total")]
        cache.set("queue-timings", found, KEPT_SECONDS)
    return found


class Estimates:
    """The median of the nearest in size, each scaled to the size asked for. Outliers do not move it."""

    def __init__(self, timings: Iterable[Timing]) -> None:
        self._by_kind: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._all: list[tuple[int, int]] = []
        self._known: dict[tuple[str, int], float] = {}
        for kind, size, ms in timings:
            self._by_kind[kind].append((max(1, size), ms))
            self._all.append((max(1, size), ms))

    def seconds(self, media_type: str, size: int) -> float:
        """Seconds of work, by half powers of two of the size."""
        step = round(2 * log2(max(1, size)))
        if (known := self._known.get((media_type, step))) is None:
            known = self._known[media_type, step] = self._estimate(media_type, 2 ** (step / 2))
        return known

    def _estimate(self, media_type: str, size: float) -> float:
        same = self._by_kind.get(media_type, [])
        timings = same if len(same) >= ENOUGH else self._all
        if not timings:
            return FIRST_SECONDS + FIRST_SECONDS_A_MEGABYTE * size / 2**20
        near = sorted(timings, key=lambda timing: abs(log2(timing[0] / size)))[:NEAREST]
        return max(0.2, median(ms * _scale(size / known) for known, ms in near) / 1000)


def _scale(ratio: float) -> float:
    """Work grows with the size, less than in proportion below it: starting costs the same for all."""
    if ratio >= 1:
        return min(ratio, MOST_SCALE)
    return max(ratio, 1 / MOST_SCALE) ** 0.5
