"""Numbers as small drawings: widths and points in percent, for SVG attributes (no inline style is allowed)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.quality.sentences import leg_name
from apps.rag.fusion import scaled
from apps.rag.retrieval import RetrievalResult
from apps.rag.types import ScoredChunk

ORDER = ("sparse", "dense", "exact", "fused", "rerank")
STAGES = ("embed", "search", "load", "rerank")


@dataclass(frozen=True, slots=True)
class Bar:
    """One leg of one passage. `rank` from 1 where the leg has an order of its own; `percent` 0–100."""

    leg: str
    label: str
    rank: int | None
    score: str
    percent: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A stage in the line of times: where it begins and how long it is, in percent of the whole."""

    name: str
    label: str
    milliseconds: str
    start: str
    width: str


class LegTable:
    """Each leg's order and scaled scores, looked up by passage."""

    def __init__(self, result: RetrievalResult) -> None:
        self._places: dict[str, dict[object, tuple[int, float]]] = {}
        for leg, hits in result.legs.items():
            shares = scaled(leg, hits)
            self._places[leg] = {
                hit.chunk_id: (place, share)
                for place, (hit, share) in enumerate(zip(hits, shares, strict=True), start=1)
            }

    def bars(self, passage: ScoredChunk) -> list[Bar]:
        names = [*ORDER, *(name for name in passage.scores if name not in ORDER)]
        return [self._bar(name, passage) for name in names if self._has(name, passage)]

    def _has(self, name: str, passage: ScoredChunk) -> bool:
        return name in passage.scores or name in self._places

    def _bar(self, name: str, passage: ScoredChunk) -> Bar:
        rank, share = self._places.get(name, {}).get(passage.chunk.id, (None, None))
        score = passage.scores.get(name)
        if share is None:
            share = score if score is not None and name not in self._places else 0.0
        percent = round(100 * max(0.0, min(1.0, share)))
        return Bar(name, leg_name(name), rank, "–" if score is None else f"{score:.3g}", percent)


def segments(timings: Mapping[str, float]) -> list[Segment]:
    total = max(timings.get("total", 0.0), sum(timings.get(stage, 0.0) for stage in STAGES), 0.001)
    found, at = [], 0.0
    for stage in STAGES:
        spent = timings.get(stage, 0.0)
        found.append(_segment(stage, spent, at, total))
        at += spent
    found.append(_segment("other", max(0.0, total - at), at, total))
    return found


def _segment(name: str, spent: float, at: float, total: float) -> Segment:
    return Segment(
        name, stage_name(name), f"{spent:.1f}", f"{100 * at / total:.2f}", f"{100 * spent / total:.2f}"
    )


def stage_name(name: str) -> str:
    names = {
        "embed": _("Embedding the question"),
        "search": _("Asking the index"),
        "load": _("Rights and rows"),
        "rerank": _("Ranking"),
        "other": _("The rest"),
    }
    return names.get(name, name)


def trend(shares: Sequence[float]) -> str:
    """Points of a line from left to right in a box of 100 × 24; higher is better. "" for fewer than two."""
    if len(shares) < 2:
        return ""
    step = 100 / (len(shares) - 1)
    return " ".join(
        f"{place * step:.1f},{22 - 20 * max(0.0, min(1.0, share)):.1f}" for place, share in enumerate(shares)
    )
